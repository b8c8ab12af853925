"""Ledger posting: how near is it to the least that a transfer can be, and to what others offer?"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial

from bench.answer import Answer, Goal, Row
from bench.contenders import hordak, pgledger, raw_transfer
from bench.contenders.accounts import Spread
from bench.contenders.books import BarePosting, Books
from bench.contenders.unit_of_work import FlowsPath
from bench.plan import Plan
from bench.progress import say
from bench.rounds import Take, in_turn, over, row
from bench.sample import Once, Sample, closed_loop
from bench.server import Server, open_server

BARE, UNIT, CALL, HOLD_POST = "ledger.post", "unit of work, post", "money call, whole", "ledger.hold + post_hold"
RAW = raw_transfer.NAME
GROWERS, GROW_SECONDS = 4, 1.5
PEER_SPREADS: tuple[Spread, ...] = ("spread", "hot")
PEERS: tuple[tuple[str, Spread, Spread, float], ...] = (
    (pgledger.NAME, "spread", "spread", 2.0),
    # what everybody pays into is an account of ours that is never locked
    (pgledger.NAME, "hot", "hot deferred", 10.0),
    (hordak.NAME, "spread", "spread", 5.0),
)
"""Whose, how spread, against ours how spread, and how many times as many are wanted."""
RATIOS: Mapping[int, float] = {8: 0.6, 32: 0.6}

Samples = Mapping[tuple[str, Spread], Sequence[Sample]]


async def measure(plan: Plan) -> list[Answer]:
    """One server for all settings; the tables grow as they would."""
    found: list[Row] = []
    goals: list[Goal] = []
    async with open_server() as server, AsyncExitStack() as whole:
        books = await open_books(server)
        django = await hordak.Hordak.open(server, whole) if hordak.folder() else None
        for callers in plan.callers:
            async with AsyncExitStack() as stack:
                samples = await _compare(plan, server, books, callers, stack, django)
            found += _rows(callers, samples)
            goals += _goals(callers, samples)
            if callers == max(plan.callers):
                goals += _peer_goals(callers, samples)
            say(f"ledger: {callers} callers done")
    return [Answer("ledger posting", "transfers", found, goals, NOTES)]


async def open_books(server: Server) -> Books:
    """All tables made, every account open, and grown: on tables of a few rows the planner would read all of them."""
    await raw_transfer.prepare(server)
    books = await Books(server).open()
    if pgledger.files():
        await pgledger.prepare(server)
    async with AsyncExitStack() as stack:
        ways = _ways(
            await raw_transfer.RawTransfer.open(server, GROWERS, stack),
            await BarePosting.open(books, GROWERS, stack),
            await FlowsPath.open(books, GROWERS, stack),
        )
        for (_, spread), once in ways.items():
            if spread == "spread":
                await closed_loop(once, GROWERS, GROW_SECONDS, server.processor)
    owner = await server.connect(owner=True)
    await owner.execute("vacuum analyze")
    await owner.close()
    return books


async def _compare(
    plan: Plan, server: Server, books: Books, callers: int, stack: AsyncExitStack, django: hordak.Hordak | None
) -> Samples:
    """All that this many callers do, however spread, in the same rounds: whatever is divided was measured together."""
    ways = _ways(
        await raw_transfer.RawTransfer.open(server, callers, stack),
        await BarePosting.open(books, callers, stack),
        await FlowsPath.open(books, callers, stack),
    )
    takes: dict[tuple[str, Spread], Take] = {name: taking(once, callers, server) for name, once in ways.items()}
    peer = await pgledger.Pgledger.open(server, callers, stack) if pgledger.files() else None
    for spread in PEER_SPREADS:
        if peer is not None:
            takes[pgledger.NAME, spread] = taking(peer.transfer(spread), callers, server)
        if django is not None:
            takes[hordak.NAME, spread] = partial(django.take, callers, spread)
    return await in_turn(takes, rounds=plan.rounds, seconds=plan.seconds)


def _ways(raw: raw_transfer.RawTransfer, bare: BarePosting, flows: FlowsPath) -> dict[tuple[str, Spread], Once]:
    return {
        (RAW, "spread"): raw.transfer("spread"),
        (BARE, "spread"): bare.post("spread"),
        (HOLD_POST, "spread"): bare.hold_and_post("spread"),
        (UNIT, "spread"): flows.post("spread"),
        (CALL, "spread"): flows.money_call("spread"),
        (BARE, "hot deferred"): bare.post("hot deferred"),
        (RAW, "hot"): raw.transfer("hot"),
        (BARE, "hot"): bare.post("hot"),
        (UNIT, "hot"): flows.post("hot"),
    }


def taking(once: Once, callers: int, server: Server, each: int = 1) -> Take:
    """Samples of so many callers; a call is `each` operations."""

    async def take(seconds: float) -> Sample:
        return await closed_loop(once, callers, seconds, server.processor, each)

    return take


def setting(callers: int, spread: Spread) -> str:
    """How a row's setting reads."""
    return f"{callers} callers, {spread}"


def _rows(callers: int, samples: Samples) -> list[Row]:
    """Each against the raw transfer that is spread as it is; deferred ones against the spread one."""
    spreads: dict[Spread, Spread] = {"spread": "spread", "hot deferred": "spread", "hot": "hot"}
    return [
        row(name, setting(callers, spread), samples[name, spread], samples[RAW, limit])
        for spread, limit in spreads.items()
        for name, of in samples
        if of == spread
    ]


def _goals(callers: int, samples: Samples) -> list[Goal]:
    spread, deferred, held = samples[BARE, "spread"], samples[BARE, "hot deferred"], samples[HOLD_POST, "spread"]
    goals = []
    if callers in RATIOS:
        goals.append(
            goal(f"{BARE} of {RAW}, {setting(callers, 'spread')}", RATIOS[callers], spread, samples[RAW, "spread"])
        )
    goals.append(goal(f"hot (deferred) of spread, {callers} callers", 0.8, deferred, spread))
    # the checked account is locked until the commit; a raw transfer's is too, and shows what that alone costs
    goals.append(goal(f"hot (checked) of spread, {callers} callers", 0.8, samples[BARE, "hot"], spread))
    what = f"what a lock costs (not a goal of ours): {RAW}, hot of spread, {callers} callers"
    goals.append(goal(what, 0.8, samples[RAW, "hot"], samples[RAW, "spread"]))
    goals.append(goal(f"{HOLD_POST} in posts, {callers} callers", 1.8, spread, held, at_most=True))
    return goals


def goal(what: str, wanted: float, taken: Sequence[Sample], limit: Sequence[Sample], *, at_most: bool = False) -> Goal:
    """One's rates in another's, round by round."""
    ratio = over(taken, limit)
    return Goal(what, wanted, ratio.median, at_most, ratio.range)


def _peer_goals(callers: int, samples: Samples) -> list[Goal]:
    """Not measured where a peer is not at hand."""
    goals = []
    for peer, spread, of_ours, wanted in PEERS:
        what = f"{BARE}, {setting(callers, of_ours)}, of {peer}, {spread}"
        theirs = samples.get((peer, spread))
        goals.append(goal(what, wanted, samples[BARE, of_ours], theirs) if theirs else Goal(what, wanted, None))
    return goals


NOTES = (
    f"{RAW}: one transaction row, two entries, two balances in one call; no key, floor, audit or index on entries.",
    f"{CALL}: three units of work (record with hold, begin, settle with posting), each with audit and event.",
    "hot: every transfer credits one account with a checked balance, locked until the commit, as a raw transfer's is.",
    "hot deferred: one that is never locked (clearing, bank), held against the raw transfer between spread accounts.",
)
