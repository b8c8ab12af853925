"""Settings: what does each do to debits, one changed at a time, held against the defaults of the same run?"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from bench.answer import Answer, Row
from bench.contenders.ach_debits import AchDebits
from bench.contenders.settings import variants
from bench.parts import whole_round
from bench.plan import Plan
from bench.premises import open_premises
from bench.progress import say
from bench.questions.latency import TO_ACCEPTED, TO_OUTCOME, debits_at
from bench.sample import Sample, quantile
from bench.variant import DEFAULTS, Variant

MOST_ROUNDS = 2
"""Half a minute for each setting, most of which the servers take to start."""
WARM_UP = 16
STEADY_PER_SECOND = 20
STEADY_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What was measured with one setting; `steady` are sorted latencies in seconds, by what they lasted to."""

    variant: Variant
    samples: Sequence[Sample]
    steady: dict[str, list[float]]
    seconds: float

    @property
    def rate(self) -> float:
        """Debits in a second, all at once."""
        return median(sample.per_second for sample in self.samples)

    @property
    def cost(self) -> float:
        """Microseconds of processor time of a debit, all parts and this program together."""
        return median(sample.processor_us for sample in self.samples)

    def p99(self, to: str) -> float:
        """In seconds, at a steady rate; only where `steady` has it."""
        return quantile(self.steady[to], 0.99)


async def measure(plan: Plan) -> list[Answer]:
    """A Bursar of its own for each; the defaults first, in the middle and last."""
    several = variants(plan.flows)
    half = len(several) // 2
    asked = [DEFAULTS, *several[:half], DEFAULTS, *several[half:], DEFAULTS]
    found = []
    for number, variant in enumerate(asked, 1):
        taken = await take(variant, plan)
        found.append(taken)
        told = "".join(f", p99 {to} {1000 * taken.p99(to):.0f} ms" for to in taken.steady)
        say(f"{number} of {len(asked)}, {variant.name}: {taken.rate:.1f}/s, {taken.cost / 1000:.0f} ms{told}")
    return [Answer("settings", "debits", compared(found, plan.flows), notes=(noise(found), *NOTES))]


async def take(variant: Variant, plan: Plan) -> Taken:
    """All at once for some rounds, then at a steady rate where that is asked for."""
    seconds = min(plan.seconds * plan.rounds * 2, STEADY_SECONDS)
    async with open_premises(variant) as premises:
        debits = AchDebits(premises.system)
        await debits.prepare(min(WARM_UP, plan.flows))
        await debits.play()
        await debits.prepare(plan.flows)
        samples = [
            (await whole_round(premises.parts, debits.play, plan.flows))[0]
            for _ in range(min(plan.rounds, MOST_ROUNDS))
        ]
        steady = {}
        if variant.steady:
            accepted, outcome = await debits_at(premises, debits, STEADY_PER_SECOND, seconds)
            steady = {TO_ACCEPTED: accepted, TO_OUTCOME: outcome}
    return Taken(variant, samples, steady, seconds)


def compared(found: Sequence[Taken], flows: int) -> list[Row]:
    """Each held against the mean of the defaults, so that more than 1 is better than they are."""
    usual = _defaults(found)
    rate, cost = mean(taken.rate for taken in usual), mean(taken.cost for taken in usual)
    rows = [
        Row(
            contender=taken.variant.name,
            setting=f"{flows} at once",
            per_second=taken.rate,
            ratio=taken.rate / rate,
            processor_ratio=cost / taken.cost,
            server_us=median(sample.server_us for sample in taken.samples),
            client_us=median(sample.client_us for sample in taken.samples),
        )
        for taken in found
    ]
    for to in usual[0].steady:
        longest = mean(taken.p99(to) for taken in usual)
        rows += [
            Row(
                contender=taken.variant.name,
                setting=f"{STEADY_PER_SECOND}/s, {to}",
                per_second=len(taken.steady[to]) / taken.seconds,
                p50_ms=1000 * quantile(taken.steady[to], 0.5),
                p99_ms=1000 * taken.p99(to),
                ratio=longest / taken.p99(to),
            )
            for taken in found
            if taken.steady
        ]
    return rows


def noise(found: Sequence[Taken]) -> str:
    """How far the defaults differ from themselves: by the largest to the smallest of them."""
    usual = _defaults(found)
    figures = {
        "debits/s": [taken.rate for taken in usual],
        "processor time": [taken.cost for taken in usual],
        **{f"p99 {to}": [taken.p99(to) for taken in usual] for to in usual[0].steady},
    }
    told = ", ".join(f"{name} {max(values) / min(values) - 1:.0%}" for name, values in figures.items())
    return f"noise, the defaults' largest of their smallest: {told}. A difference that is not larger says nothing."


def _defaults(found: Sequence[Taken]) -> list[Taken]:
    return [taken for taken in found if taken.variant is DEFAULTS]


NOTES = (
    "Each row is a Bursar of its own with one setting changed, its default in brackets; the cpu ratio has all parts.",
    "Ratios are to the mean of the three rows of defaults (first, in the middle, last): above 1 is better.",
    f"At {STEADY_PER_SECOND}/s ratio is of the p99s; requests arrive at random (Poisson).",
)
