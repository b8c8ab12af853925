"""What the bench says of a setting: against the defaults of the same run, and how far those differ from themselves."""

import pytest

from bench.contenders.settings import variants
from bench.questions.settings import Taken, compared, noise
from bench.sample import Sample
from bench.variant import DEFAULTS, Variant
from settings import Settings


def taken(variant: Variant, seconds: float, cost: float, p99: float | None = None) -> Taken:
    sample = Sample((seconds,) * 10, seconds, server=10 * cost, client=0.0)
    return Taken(variant, [sample], {} if p99 is None else {"to accepted": [p99]}, 1.0)


FOUND = [
    taken(DEFAULTS, 1.0, 0.1, 0.01),
    taken(Variant("better"), 0.5, 0.05),
    taken(DEFAULTS, 1.25, 0.2, 0.03),
    taken(Variant("later"), 1.0, 0.15, 0.04),
]


def test_more_than_one_is_better_than_the_mean_of_the_defaults() -> None:
    rows = {(row.contender, row.setting): row for row in compared(FOUND, 10) if row.contender != "defaults"}
    assert set(rows) == {("better", "10 at once"), ("later", "10 at once"), ("later", "20/s, to accepted")}
    better = rows["better", "10 at once"]
    assert better.per_second == 20
    assert better.ratio == pytest.approx(20 / 9)
    assert better.processor_ratio == pytest.approx(3)
    assert rows["later", "20/s, to accepted"].ratio == pytest.approx(0.5)


def test_what_the_defaults_differ_by_is_told() -> None:
    assert noise(FOUND).startswith(
        "noise, the defaults' largest of their smallest: debits/s 25%, processor time 100%, p99 to accepted 200%."
    )


def test_each_variant_differs_from_the_defaults_and_is_a_setting_that_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = Settings()
    for variant in variants(48):
        with monkeypatch.context() as told:
            for name, value in variant.settings.items():
                told.setenv(f"BURSAR_{name}", value)
            assert (Settings() != usual) == bool(variant.settings)
        name, default = variant.name.removesuffix(")").rsplit(" (", 1)
        assert not name.endswith(f" {default}")
