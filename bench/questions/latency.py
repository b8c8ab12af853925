"""Start latency: from an API request to accepted and to its outcome, at a steady rate of requests."""

import asyncio
from collections.abc import Sequence
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import select
from temporalio.client import WorkflowHandle

from bench.answer import Answer, Goal, Ratio, Row
from bench.arrivals import arrive
from bench.contenders.ach_debits import AchDebits
from bench.contenders.bare_flow import BareFlow, BareFlows, open_bare
from bench.contenders.whole_flow import rows_stand, uuid_of
from bench.plan import Plan
from bench.premises import Premises, open_premises
from bench.progress import say
from bench.sample import quantile
from db.tables.money_call import money_call

RATES = (5, 20, 50)
TURNS = 3
"""Of a bare start and a debit, at each rate: the p99 of some hundred requests swings."""
SAMPLES_LONG = 2
LONGEST_SECONDS = 10.0
"""A rate is held for as long as two samples of each round, which at 5/s are 50 requests."""
SEED = 20261120
BARE, OURS = "bare start", "ACH debit"
BESIDE, HELD = "bare start beside the debits", "ACH debit, worker held"
BESIDE_PER_SECOND = 10
"""Enough for a p99 of sorts, and little beside what the debits take."""
BARE_STEPS = "AL"
"""What stands before the outcome of a debit: the money call, and a look at the row."""
TO_ACCEPTED, TO_OUTCOME = "to accepted", "to outcome"
WANTED = 2.5
ANSWERED = "select count(*) from money_call where flow_id = any(:ids) and state = 'applied'"


async def measure(plan: Plan) -> list[Answer]:
    """Each rate for a while, bare and ours in turn; what is left over of one is done before the next begins."""
    seconds = min(plan.seconds * plan.rounds * SAMPLES_LONG, LONGEST_SECONDS)
    found: list[Row] = []
    goals: list[Goal] = []
    async with open_premises() as premises, open_bare(premises.system.settings) as bare:
        debits = AchDebits(premises.system)
        await debits.prepare(plan.flows)
        await debits.play()
        await bare.play(BARE_STEPS, plan.flows, plan.flows)
        for rate in RATES:
            turns = [
                (await _bare(bare, rate, seconds), await debits_at(premises, debits, rate, seconds))
                for _ in range(min(plan.rounds, TURNS))
            ]
            told = []
            for number, to in enumerate((TO_ACCEPTED, TO_OUTCOME)):
                limits, latencies = ([turn[whose][number] for turn in turns] for whose in (0, 1))
                ratio = _ratio(limits, latencies)
                setting = f"{rate}/s, {to}"
                found += [_row(BARE, setting, limits, seconds, None), _row(OURS, setting, latencies, seconds, ratio)]
                told.append(f"{to} {ratio.median:.2f} of the bare one ({ratio.range[0]:.2f}-{ratio.range[1]:.2f})")
                if to == TO_ACCEPTED:
                    what = f"p99 to accepted at {rate}/s, of a bare start"
                    goals.append(Goal(what, WANTED, ratio.median, at_most=True, range=ratio.range))
                    for name, reasons in await _reasons(premises, debits, bare, rate, seconds):
                        found.append(_row(name, setting, [reasons], seconds, _ratio(limits, [reasons] * len(limits))))
            say(f"{rate}/s, p99: {', '.join(told)}")
    return [Answer("start latency", "requests", found, goals, NOTES)]


def _ratio(limits: Sequence[Sequence[float]], latencies: Sequence[Sequence[float]]) -> Ratio:
    """Of the p99s of the same turns."""
    each = [quantile(ours, 0.99) / quantile(bare, 0.99) for bare, ours in zip(limits, latencies, strict=True)]
    return Ratio(median(each), (min(each), max(each)))


async def _bare(bare: BareFlows, rate: float, seconds: float) -> tuple[list[float], list[float]]:
    """To the start's own answer, and to the end."""
    waiting: list[asyncio.Task[None]] = []
    ended: list[float] = []
    clock = asyncio.get_running_loop().time

    async def start() -> None:
        began = clock()
        handle: WorkflowHandle[BareFlow, None] = await bare.start(BARE_STEPS)

        async def end() -> None:
            await handle.result()
            ended.append(clock() - began)

        waiting.append(asyncio.create_task(end()))

    arrived = await arrive(start, per_second=rate, seconds=seconds, seed=SEED)
    await asyncio.gather(*waiting)
    return sorted(took for _, took, _ in arrived), sorted(ended)


async def debits_at(
    premises: Premises, debits: AchDebits, rate: float, seconds: float
) -> tuple[list[float], list[float]]:
    """To the 202, and to the instant at which the gateway's answer was committed."""
    arrived = await arrive(debits.ask, per_second=rate, seconds=seconds, seed=SEED)
    due = {uuid_of(debit["id"]): wall for wall, _, debit in arrived}
    await rows_stand(premises.system, ANSWERED, list(due))
    settled = await _settled_at(premises, list(due))
    return sorted(took for _, took, _ in arrived), sorted(at - due[flow_id] for flow_id, at in settled.items())


async def _reasons(
    premises: Premises, debits: AchDebits, bare: BareFlows, rate: float, seconds: float
) -> list[tuple[str, list[float]]]:
    """What a bare start takes while debits go on, and what a debit takes to be accepted while no flow goes on."""
    (limits, _), _ = await asyncio.gather(
        _bare(bare, BESIDE_PER_SECOND, seconds), debits_at(premises, debits, rate, seconds)
    )
    worker = premises.parts.processes["worker"]
    worker.suspend()
    try:
        arrived = await arrive(debits.ask, per_second=rate, seconds=seconds, seed=SEED)
    finally:
        worker.resume()
    await rows_stand(premises.system, ANSWERED, [uuid_of(debit["id"]) for _, _, debit in arrived])
    return [(BESIDE, limits), (HELD, sorted(took for _, took, _ in arrived))]


async def _settled_at(premises: Premises, ids: Sequence[UUID]) -> dict[UUID, float]:
    system = premises.system
    statement = select(money_call.c.flow_id, money_call.c.settled_at).where(money_call.c.flow_id.in_(ids))
    async with system.house.database.unit_of_work(system.organization_id, actor="bench") as uow:
        rows: list[Any] = list(await uow.all(statement))
    return {row["flow_id"]: row["settled_at"].timestamp() for row in rows}


def _row(contender: str, setting: str, turns: Sequence[Sequence[float]], seconds: float, ratio: Ratio | None) -> Row:
    return Row(
        contender=contender,
        setting=setting,
        per_second=sum(len(turn) for turn in turns) / len(turns) / seconds,
        p50_ms=1000 * median(quantile(turn, 0.5) for turn in turns),
        p99_ms=1000 * median(quantile(turn, 0.99) for turn in turns),
        ratio=ratio.median if ratio else 1.0,
        ratio_range=ratio.range if ratio else None,
    )


NOTES = (
    "ratio is of the p99s here: how many times as long as the bare one. Requests arrive at random (Poisson).",
    f"All are medians over {TURNS} turns of bare starts and debits; the other two contenders had one turn.",
    f"{BARE}: the client's start of a workflow, and the end of one with an activity and a local one that do nothing.",
    f"{BESIDE}: {BESIDE_PER_SECOND}/s of them while debits arrive at the row's rate, so both share the processor.",
    f"{HELD}: the worker is stopped while they arrive, so that no flow takes the processor from the API.",
    f"{OURS}: to the 202, by which it is committed; and to the gateway's answer, committed.",
)
