"""Contenders in turn, so that what else the machine does meets all of them alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median

from bench.answer import Row
from bench.sample import Sample

Take = Callable[[float], Awaitable[Sample]]
"""Takes one sample of this many seconds."""

WARM_UP_SECONDS = 0.3


async def in_turn(contenders: Mapping[str, Take], *, rounds: int, seconds: float) -> dict[str, list[Sample]]:
    """One sample of each contender per round, after a short one that is thrown away."""
    for take in contenders.values():
        await take(WARM_UP_SECONDS)
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    for number in range(rounds):
        # every other round in the opposite order: nobody always follows the same neighbour
        for name in list(contenders)[:: -1 if number % 2 else 1]:
            samples[name].append(await contenders[name](seconds))
    return samples


def rows(samples: Mapping[str, Sequence[Sample]], *, baseline: str, setting: str) -> list[Row]:
    """The contenders' rows, each held against the baseline round by round."""
    limit = samples[baseline]
    return [
        Row(
            contender=name,
            setting=setting,
            per_second=median(sample.per_second for sample in taken),
            p50_ms=median(sample.quantile(0.5) for sample in taken),
            p99_ms=median(sample.quantile(0.99) for sample in taken),
            ratio=median(sample.per_second / most.per_second for sample, most in zip(taken, limit, strict=True)),
            processor_ratio=median(
                most.processor_us / sample.processor_us for sample, most in zip(taken, limit, strict=True)
            ),
            server_us=median(sample.server_us for sample in taken),
            client_us=median(sample.client_us for sample in taken),
        )
        for name, taken in samples.items()
    ]
