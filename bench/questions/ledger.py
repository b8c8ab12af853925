"""Ledger posting: how near is it to the least that a transfer can be, and to what others offer?"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial

from bench.answer import Answer, Goal, Row
from bench.contenders import hordak, pgledger, raw_transfer
from bench.contenders.accounts import Spread
from bench.contenders.books import BarePosting, Books
from bench.contenders.unit_of_work import FlowsPath
from bench.plan import Plan
from bench.progress import say
from bench.rounds import Take, in_turn, rows
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


async def measure(plan: Plan) -> list[Answer]:
    """One server for all settings; the tables grow as they would."""
    found: list[Row] = []
    async with open_server() as server, AsyncExitStack() as whole:
        await raw_transfer.prepare(server)
        books = await Books(server).open()
        if pgledger.files():
            await pgledger.prepare(server)
        await _grow(server, books)
        django = await hordak.Hordak.open(server, whole) if hordak.folder() else None
        for callers in plan.callers:
            async with AsyncExitStack() as stack:
                found += await _compare(plan, server, books, callers, stack, django)
            say(f"ledger: {callers} callers done")
    answer = Answer("ledger posting", "transfers", found, notes=NOTES)
    goals = [*_goals(plan, answer), *_peer_goals(plan, answer)]
    return [Answer(answer.question, answer.unit, found, goals, NOTES)]


async def _grow(server: Server, books: Books) -> None:
    """Use every way for a while, then tell the planner: on tables of a few rows it would plan to read all of them."""
    async with AsyncExitStack() as stack:
        ways = _ways(
            await raw_transfer.RawTransfer.open(server, GROWERS, stack),
            await BarePosting.open(books, GROWERS, stack),
            await FlowsPath.open(books, GROWERS, stack),
        )
        for once in ways["spread"].values():
            await closed_loop(once, GROWERS, GROW_SECONDS, server.processor)
    owner = await server.connect(owner=True)
    await owner.execute("vacuum analyze")
    await owner.close()


async def _compare(
    plan: Plan, server: Server, books: Books, callers: int, stack: AsyncExitStack, django: hordak.Hordak | None
) -> list[Row]:
    raw = await raw_transfer.RawTransfer.open(server, callers, stack)
    bare = await BarePosting.open(books, callers, stack)
    flows = await FlowsPath.open(books, callers, stack)
    peer = await pgledger.Pgledger.open(server, callers, stack) if pgledger.files() else None
    found: list[Row] = []
    for spread, ways in _ways(raw, bare, flows).items():
        takes: dict[str, Take] = {name: partial(_take, once, callers, server) for name, once in ways.items()}
        if peer is not None and spread in PEER_SPREADS:
            takes[pgledger.NAME] = partial(_take, peer.transfer(spread), callers, server)
        if django is not None and spread in PEER_SPREADS:
            takes[hordak.NAME] = partial(django.take, callers, spread)
        samples = await in_turn(takes, rounds=plan.rounds, seconds=plan.seconds)
        found += rows(samples, baseline=RAW, setting=setting(callers, spread))
    return found


def _ways(raw: raw_transfer.RawTransfer, bare: BarePosting, flows: FlowsPath) -> dict[Spread, dict[str, Once]]:
    return {
        "spread": {
            RAW: raw.transfer("spread"),
            BARE: bare.post("spread"),
            HOLD_POST: bare.hold_and_post("spread"),
            UNIT: flows.post("spread"),
            CALL: flows.money_call("spread"),
        },
        "hot deferred": {RAW: raw.transfer("spread"), BARE: bare.post("hot deferred")},
        "hot": {RAW: raw.transfer("hot"), BARE: bare.post("hot"), UNIT: flows.post("hot")},
    }


async def _take(once: Once, callers: int, server: Server, seconds: float) -> Sample:
    return await closed_loop(once, callers, seconds, server.processor)


def setting(callers: int, spread: Spread) -> str:
    """How a row's setting reads."""
    return f"{callers} callers, {spread}"


def _goals(plan: Plan, answer: Answer) -> list[Goal]:
    goals = [
        Goal(f"{BARE} of {RAW}, {setting(callers, 'spread')}", wanted, answer.ratio(BARE, setting(callers, "spread")))
        for callers, wanted in RATIOS.items()
        if callers in plan.callers
    ]
    for callers in plan.callers:
        spread, hot = (answer.ratio(BARE, setting(callers, way)) for way in ("spread", "hot deferred"))
        if spread and hot:
            goals.append(Goal(f"hot (deferred) of spread, {callers} callers", 0.8, hot / spread))
        held = answer.ratio(HOLD_POST, setting(callers, "spread"))
        if spread and held:
            goals.append(Goal(f"{HOLD_POST} in posts, {callers} callers", 1.8, spread / held, at_most=True))
    return goals


def _peer_goals(plan: Plan, answer: Answer) -> list[Goal]:
    """At the most callers that were measured; not measured where a peer is not at hand."""
    callers = max(plan.callers)
    goals = []
    for peer, spread, of_ours, wanted in PEERS:
        ours, theirs = answer.row(BARE, setting(callers, of_ours)), answer.row(peer, setting(callers, spread))
        found = None
        if ours and theirs and ours.per_second and theirs.per_second:
            found = ours.per_second / theirs.per_second
        goals.append(Goal(f"{BARE}, {setting(callers, of_ours)}, of {peer}, {spread}", wanted, found))
    return goals


NOTES = (
    f"{RAW}: one transaction row, two entries, two balances in one call; no key, floor, audit or index on entries.",
    f"{CALL}: three units of work (record with hold, begin, settle with posting), each with audit and event.",
    "hot: every transfer credits one account with a checked balance.",
    "hot deferred: one that is never locked (clearing, bank); the raw transfer beside it is between spread accounts.",
)
