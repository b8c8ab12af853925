"""Flow throughput: how near is a flow, through API, worker, partners and ledger, to a workflow that does nothing?"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

from bench.answer import Answer, Goal, Row
from bench.contenders.ach_debits import AchDebits
from bench.contenders.bare_flow import BareFlows, open_bare, steps_of
from bench.contenders.laden_flow import LADDERS, LadenFlows, open_laden
from bench.contenders.provider_payments import ProviderPayments
from bench.contenders.reimbursements import Reimbursements
from bench.contenders.whole_flow import AT_ONCE, WholeFlow
from bench.parts import milliseconds, shares, whole_round
from bench.plan import Plan
from bench.premises import Premises, open_premises
from bench.progress import say
from bench.rounds import rows
from bench.sample import Sample

BARE = "bare workflow"
WANTED = 0.7
MOST_ROUNDS = 3
"""A round of all flows takes some minutes."""
SETTLES_SECONDS = 11
"""Each step set deadlines of up to ten seconds. They fire however early it ended: not into the next sample."""


async def measure(plan: Plan) -> list[Answer]:
    """One server for all of it; each round plays so many of ours and as many bare ones."""
    found: list[Row] = []
    goals: list[Goal] = []
    notes: list[str] = []
    async with (
        open_premises() as premises,
        open_bare(premises.system.settings) as bare,
        open_laden(premises.system, premises.chek) as laden,
    ):
        notes.append(f"processor time of all parts that have nothing to do, ms a second: {await _idle(premises)}")
        for flow in _flows(premises):
            compared, told = await _compare(plan, premises, bare, flow, laden)
            found += compared
            notes += told
            whole = next(row for row in compared if row.contender == flow.name)
            goals.append(Goal(f"{flow.name}s of bare workflows", WANTED, whole.ratio, range=whole.ratio_range))
    return [Answer("flow throughput", "flows", found, goals, (*notes, *NOTES))]


def _flows(premises: Premises) -> list[WholeFlow]:
    system = premises.system
    return [AchDebits(system), ProviderPayments(system, premises.chek), Reimbursements(system)]


async def _idle(premises: Premises) -> str:
    await asyncio.sleep(SETTLES_SECONDS)  # they have only just been started
    before = premises.parts.used()
    await asyncio.sleep(SETTLES_SECONDS)
    return milliseconds(premises.parts.since(before), SETTLES_SECONDS)


async def _compare(
    plan: Plan, premises: Premises, bare: BareFlows, flow: WholeFlow, laden: LadenFlows
) -> tuple[list[Row], list[str]]:
    """Rows, and who used the processor. `laden`: what stands between the two."""
    system, parts = premises.system, premises.parts
    say(f"{flow.name}: warming up")
    await flow.prepare(plan.flows)
    first = (await flow.play())[0]
    steps = await steps_of(system.house.temporal, flow.workflow, first)
    ways: dict[str, Callable[[], Awaitable[object]]] = {BARE: lambda: bare.play(steps, plan.flows, AT_ONCE)}
    ways |= {rung: partial(_laden, laden, flow.name, rung, steps, plan.flows) for rung in LADDERS[flow.name].rungs}
    for deed in ways.values():
        await deed()
    ways[flow.name] = flow.play
    samples: dict[str, list[Sample]] = {name: [] for name in ways}
    spent: dict[str, Counter[str]] = {name: Counter() for name in ways}
    rounds = min(plan.rounds, MOST_ROUNDS)
    for number in range(rounds):
        await flow.prepare(plan.flows)
        for name in list(samples)[:: -1 if number % 2 else 1]:
            await asyncio.sleep(SETTLES_SECONDS)
            sample, used = await whole_round(parts, ways[name], plan.flows)
            samples[name].append(sample)
            spent[name].update(used)
        rates = ", ".join(f"{name} {taken[-1].per_second:.1f}/s" for name, taken in samples.items())
        say(f"{flow.name}: round {number + 1} of {rounds}: {rates}")
    setting = f"{plan.flows} at once, {steps}"
    told = [f"{flow.name}, processor time: {shares(spent[flow.name])}"]
    told += [
        f"{name}, ms of processor time of one: {milliseconds(spent[name], rounds * plan.flows)}"
        for name in (BARE, list(LADDERS[flow.name].rungs)[-1], flow.name)
    ]
    return rows(samples, baseline=BARE, setting=setting), told


async def _laden(laden: LadenFlows, flow: str, rung: str, steps: str, count: int) -> None:
    """With this load and those before it."""
    laden.bear(flow, rung, steps)
    await laden.play(steps, count, AT_ONCE)


NOTES = (
    f"{BARE}: as many activities (A), local activities (L) and waits for a signal (S) as ours, with the worker here.",
    "The rows below it: the same workflow that bears one thing more each time, of what such a flow cannot do without.",
    "Deadlines that a sample's last ten seconds set fire after it: short samples are spared more of them.",
    "Debits and payouts wait for feeds and loops too, which look every half second: many at once share that.",
)
