"""Pay runs: does an item cost the same in a long run as in a short one, and how large do history and memory grow?"""

import asyncio
import time
from dataclasses import dataclass

from bench.answer import Answer, Goal, Row
from bench.contenders.pay_run_town import PayRunTown
from bench.contenders.whole_flow import uuid_of
from bench.parts import shares
from bench.plan import Plan
from bench.premises import Premises, open_premises
from bench.progress import say

FEWER = 10
"""The short run has a tenth of the long one's items: 1,000 of 10,000."""
WANTED = 1.15
NAME = "pay run"
SECONDS_PER_ITEM = 5.0
LISTED_WITHIN_SECONDS = 1.0
"""The list of runs lags a little behind the runs."""


@dataclass(frozen=True, slots=True)
class Played:
    """One run: `cost` is processor seconds of an item, all parts together."""

    items: int
    seconds: float
    cost: float
    told: str


async def measure(plan: Plan) -> list[Answer]:
    """A short run first, then the long one over the same people."""
    short = max(1, plan.items // FEWER)
    async with open_premises() as premises:
        town = PayRunTown(premises.system, premises.chek)
        say(f"making a town for {plan.items} items")
        await town.populate(plan.items)
        played = []
        for week, items in enumerate((short, plan.items)):
            await town.attend(week, items)
            played.append(await _play(premises, town, week, items))
            say(f"{items} items: {items / played[-1].seconds:.1f}/s; {played[-1].told}")
    first, last = played
    rows = [
        Row(
            contender=NAME,
            setting=f"{run.items} items",
            per_second=run.items / run.seconds,
            ratio=(run.items / run.seconds) / (first.items / first.seconds),
            processor_ratio=first.cost / run.cost,
            server_us=1_000_000 * run.cost,
        )
        for run in played
    ]
    goal = Goal(f"cost of an item, {last.items} of {first.items} items", WANTED, last.cost / first.cost, at_most=True)
    notes = [f"{run.items} items: {run.told}" for run in played]
    return [Answer("pay runs", "items", rows, [goal], (*notes, "server µs: all parts together, for one item."))]


async def _play(premises: Premises, town: PayRunTown, week: int, items: int) -> Played:
    parts = premises.parts
    before = parts.used()
    began = time.perf_counter()
    run = await town.pay(week, within_seconds=60 + SECONDS_PER_ITEM * items)
    took = time.perf_counter() - began
    used = parts.since(before)
    if (run["state"], run["total"]["pairs"]) != ("finished", items):
        raise RuntimeError(f"the run is {run['state']} and had {run['total']['pairs']} pairs, not {items}")
    told = f"{await _history(premises, run['id'])}; worker {parts.megabytes('worker'):.0f} MB, Temporal server"
    told += f" {parts.megabytes('Temporal server'):.0f} MB; {shares(used)}"
    return Played(items, took, sum(used.values()) / items, told)


async def _history(premises: Premises, run_id: str) -> str:
    """Of the parent, from one continue-as-new to the next."""
    client = premises.system.house.temporal
    workflow_id = f"pay-run/{uuid_of(run_id)}"
    await asyncio.sleep(LISTED_WITHIN_SECONDS)
    query = f"WorkflowId = '{workflow_id}'"
    runs = [run async for run in client.list_workflows(query)]
    longest = max((run.history_length for run in runs), default=0)
    return f"the parent's history has {longest} events at most, in {len(runs)} run(s)"
