"""Contenders in turn, so that what else the machine does meets all of them alike."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from statistics import median
from typing import TypeVar

from bench.answer import Ratio, Row
from bench.sample import Sample

Take = Callable[[float], Awaitable[Sample]]
"""Takes one sample of this many seconds."""

WARM_UP_SECONDS = 0.3

Contender = TypeVar("Contender", bound=Hashable)


async def in_turn(
    contenders: Mapping[Contender, Take], *, rounds: int, seconds: float
) -> dict[Contender, list[Sample]]:
    """One sample of each contender per round, after a short one that is thrown away."""
    for take in contenders.values():
        await take(WARM_UP_SECONDS)
    samples: dict[Contender, list[Sample]] = {name: [] for name in contenders}
    for number in range(rounds):
        # every other round in the opposite order: nobody always follows the same neighbour
        for name in list(contenders)[:: -1 if number % 2 else 1]:
            samples[name].append(await contenders[name](seconds))
    return samples


def rows(samples: Mapping[str, Sequence[Sample]], *, baseline: str, setting: str) -> list[Row]:
    """The contenders' rows, each held against the baseline round by round."""
    return [row(name, setting, taken, samples[baseline]) for name, taken in samples.items()]


def row(contender: str, setting: str, taken: Sequence[Sample], limit: Sequence[Sample]) -> Row:
    """One contender's, held against a limit of the same rounds."""
    ratio = over(taken, limit)
    return Row(
        contender=contender,
        setting=setting,
        per_second=median(sample.per_second for sample in taken),
        p50_ms=median(sample.quantile(0.5) for sample in taken),
        p99_ms=median(sample.quantile(0.99) for sample in taken),
        ratio=ratio.median,
        processor_ratio=median(most.processor_us / each.processor_us for each, most in zip(taken, limit, strict=True)),
        server_us=median(sample.server_us for sample in taken),
        client_us=median(sample.client_us for sample in taken),
        ratio_range=ratio.range,
    )


def over(taken: Sequence[Sample], limit: Sequence[Sample]) -> Ratio:
    """Rates in rates of the same rounds."""
    found = [each.per_second / most.per_second for each, most in zip(taken, limit, strict=True)]
    return Ratio(median(found), (min(found), max(found)))
