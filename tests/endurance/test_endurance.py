"""The short form: everything is killed once while all flows are under way, and nothing is lost.

The seed is printed. `TEST_SEED=<seed>` draws the same load, kills and faults again.
"""

from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from tests.endurance.chance import WEIGHTS, Blow, deeds, events
from tests.endurance.ends import FINAL, RESTING, agrees, left_over
from tests.endurance.memory import growth
from tests.endurance.run import Extent, run

SHORT = Extent(seconds=7, callers=5, pause=0.2, calm=1.3, workers=2, families=2, flows=15)
PARTS = ("postgres", "temporal", "worker-1", "worker-2", "api")


@pytest.mark.timeout(400)
async def test_nothing_is_lost_while_everything_is_killed(tmp_path: Path, seed: str) -> None:
    outcome = await run(tmp_path, seed, SHORT, print)
    assert not outcome.problems, "\n".join([f"TEST_SEED={seed}", *outcome.problems])
    assert outcome.begun >= 10, outcome.flows
    assert sum(outcome.kills.values()) >= 3, outcome.kills


def test_a_seed_is_a_plan() -> None:
    assert list(islice(deeds("7", 1, 0.5), 50)) == list(islice(deeds("7", 1, 0.5), 50))
    assert list(islice(deeds("7", 1, 0.5), 50)) != list(islice(deeds("7", 2, 0.5), 50))
    assert events("7", 60, PARTS, calm=5) == events("7", 60, PARTS, calm=5)
    assert events("7", 60, PARTS, calm=5) != events("8", 60, PARTS, calm=5)


def test_everything_falls_but_one_worker_and_the_api_only_in_the_beginning() -> None:
    for seed in range(20):
        blows = [event for event in events(str(seed), 600, PARTS, calm=10) if isinstance(event, Blow)]
        assert {blow.part for blow in blows} == {"postgres", "temporal", "worker-1", "api"}
        assert all(blow.at <= 150 for blow in blows if blow.part == "api")


def test_callers_come_by_every_kind_of_flow() -> None:
    drawn = Counter(deed.kind for deed in islice(deeds("1", 1, 0.5), 2_000))
    assert set(drawn) == set(WEIGHTS)
    assert set(FINAL) == set(RESTING) == set(WEIGHTS) | {"void", "correction"}


def test_an_end_that_is_not_what_was_done_is_told() -> None:
    assert agrees("debit", "settled", Counter(debit=1))
    assert not agrees("debit", "settled", Counter(debit=2))
    assert not agrees("debit", "declined", Counter(debit=1))
    assert not agrees("provider_payment", "paid", Counter(fund=1))
    assert not agrees("ach_reimbursement", "settled", Counter(expense_payout=1, payout=1))
    assert agrees("ach_reimbursement", "reversed", Counter(expense_payout=1, payout_holding=1, reverse=2))
    assert agrees("onboarding", "onboarded", Counter(create_user=1, invite=1))
    assert not agrees("onboarding", "onboarded", Counter(create_user=2))
    assert not agrees("onboarding", "stopped", Counter(create_user=1, invite=1))


def test_what_is_overdue_is_told() -> None:
    period = {"charge_on": "2027-03-03", "state": "planned"}
    seen = {"detail": {"periods": [period]}, "progress": {"paid": 3, "waiting": 1}}
    assert left_over("authorization", seen, date(2027, 3, 6))
    assert not left_over("authorization", seen, date(2027, 3, 5))
    assert left_over("pay_run", seen, date(2027, 3, 6))
    assert not left_over("debit", seen, date(2027, 3, 6))


def test_growth_is_read_from_the_second_half_of_a_life_and_judged_only_if_that_was_long() -> None:
    life = [(float(second), 100.0 + max(0, 30 - second), second) for second in range(90)]
    grown = growth("worker-2", life)
    assert (grown.quarters, grown.slope_mb_per_hour) == ((130, 107, 100, 100, 100), 0)
    assert (len(grown.course), grown.course[0], grown.course[-1]) == (60, (0, 130, 0), (89, 100, 89))
    assert (grown.warm_seconds, grown.waiting, grown.is_flat) == (44, (45, 89), None)
    brief = growth("api", [(0.0, 100.0, 0), (1.0, 101.0, 0)])
    assert (brief.slope_mb_per_hour, brief.quarters) == (None, (100, 100, 100, 101, 101))
    for per_second, is_flat in ((0.001, True), (0.01, False)):
        steady = [(second, second * per_second, 0) for second in range(0, 1_500, 5)]
        assert growth("api", steady).is_flat is is_flat
        # many runs woken at once, more of them later
        waves = [(at, held + (at / 20 if at % 200 < 120 else 0), 0) for at, held, _ in steady]
        assert growth("worker-2", waves).is_flat is is_flat


def test_the_least_of_each_quarter_of_the_second_half_counts() -> None:
    life = [(float(second), 200.0 if second % 25 else float(second), 0) for second in range(200)]
    grown = growth("worker-2", life)
    assert grown.lows == (100, 125, 150, 175)
    assert grown.slope_mb_per_hour == 3600
