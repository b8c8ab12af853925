"""Flow throughput: how near is a flow, through API, worker, partners and ledger, to a workflow that does nothing?"""

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
from bench.parts import shares, whole_round
from bench.plan import Plan
from bench.premises import Premises, open_premises
from bench.progress import say
from bench.rounds import rows
from bench.sample import Sample

BARE = "bare workflow"
WANTED = 0.7
MOST_ROUNDS = 3
"""A round of all flows takes a minute."""


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
        for flow in _flows(premises):
            compared, note = await _compare(plan, premises, bare, flow, laden)
            found += compared
            notes.append(note)
            whole = next(row for row in compared if row.contender == flow.name)
            goals.append(Goal(f"{flow.name}s of bare workflows", WANTED, whole.ratio, range=whole.ratio_range))
    return [Answer("flow throughput", "flows", found, goals, (*notes, *NOTES))]


def _flows(premises: Premises) -> list[WholeFlow]:
    system = premises.system
    return [AchDebits(system), ProviderPayments(system, premises.chek), Reimbursements(system)]


async def _compare(
    plan: Plan, premises: Premises, bare: BareFlows, flow: WholeFlow, laden: LadenFlows
) -> tuple[list[Row], str]:
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
    spent: Counter[str] = Counter()
    rounds = min(plan.rounds, MOST_ROUNDS)
    for number in range(rounds):
        await flow.prepare(plan.flows)
        for name in list(samples)[:: -1 if number % 2 else 1]:
            sample, used = await whole_round(parts, ways[name], plan.flows)
            samples[name].append(sample)
            if name == flow.name:
                spent.update(used)
        rates = ", ".join(f"{name} {taken[-1].per_second:.1f}/s" for name, taken in samples.items())
        say(f"{flow.name}: round {number + 1} of {rounds}: {rates}")
    setting = f"{plan.flows} at once, {steps}"
    return rows(samples, baseline=BARE, setting=setting), f"{flow.name}, processor time: {shares(spent)}"


async def _laden(laden: LadenFlows, flow: str, rung: str, steps: str, count: int) -> None:
    """With this load and those before it."""
    laden.bear(flow, rung, steps)
    await laden.play(steps, count, AT_ONCE)


NOTES = (
    f"{BARE}: as many activities (A), local activities (L) and waits for a signal (S) as ours, with the worker here.",
    "The rows below it: the same workflow that bears one thing more each time, of what such a flow cannot do without.",
    "Debits and payouts wait for feeds and loops too, which look every half second: many at once share that.",
)
