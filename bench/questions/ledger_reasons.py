"""Why the ledger's goals are met or not: what sharing a commit, leaving out guarantees and one more posting bring."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from statistics import median

from bench.answer import Answer, Goal, Row
from bench.contenders import hordak, pgledger, stripped
from bench.contenders.accounts import Spread
from bench.contenders.books import BarePosting, Books
from bench.contenders.grouped import GroupedPosting
from bench.contenders.raw_transfer import RawTransfer
from bench.contenders.straight import StraightPath
from bench.contenders.unit_of_work import FlowsPath
from bench.plan import Plan
from bench.progress import say
from bench.questions.ledger import (
    BARE,
    GROW_SECONDS,
    GROWERS,
    HOLD_POST,
    PEERS,
    RATIOS,
    RAW,
    UNIT,
    goal,
    open_books,
    setting,
    taking,
)
from bench.rounds import Take, in_turn, over, row, rows
from bench.sample import Sample, closed_loop
from bench.server import Server, open_server

GROUPS: Mapping[int, Sequence[int]] = {1: (1, 8, 32, 256), 4: (8, 64), 8: (1, 8, 32), 16: (16,), 32: (1, 8)}
"""Postings in a commit, by connections; multiplied they are the callers that wait for them, 256 at the most."""
GROUP_GOALS: Mapping[int, float] = {32: 1.2, 256: 2.5}
RAW_CALLERS = 32
HOLD, POST_HOLD, TWICE = "ledger.hold", "ledger.post_hold", "two posts, two commits"
HOLDING = 1.5
"""Holds are made for so much longer than they are posted: none is left wanting."""
STRAIGHT, BORROW = "its statements on asyncpg alone", "its connection, out of the pool and back"
MOST_OF_A_CLIENT = 1 / 3


async def measure(plan: Plan) -> list[Answer]:
    """One server for all of them."""
    async with open_server() as server, AsyncExitStack() as stack:
        books = await open_books(server)
        owner = await server.connect(owner=True)
        await stripped.prepare(owner)
        await owner.close()
        django = await hordak.Hordak.open(server, stack) if hordak.folder() else None
        answers = []
        for asked in (_grouped, partial(_stripped, django), _held, _straight):
            answers.append(await asked(plan, server, books))
            say(f"{answers[-1].question}: done")
    return answers


async def _grouped(plan: Plan, server: Server, books: Books) -> Answer:
    takes: dict[tuple[str, int, int], Take] = {}
    async with AsyncExitStack() as stack:
        raw = await RawTransfer.open(server, RAW_CALLERS, stack)
        limit = RAW, RAW_CALLERS, 1
        takes[limit] = taking(raw.transfer("spread"), RAW_CALLERS, server)
        for lanes, sizes in GROUPS.items():
            grouped = await GroupedPosting.open(books, lanes, stack)
            for size in sizes:
                takes[BARE, lanes, size] = taking(grouped.whole(size), lanes, server, size)
            most = sizes[-1]
            takes["one posting of all", lanes, most] = taking(grouped.one(most), lanes, server, most)
        samples = await in_turn(takes, rounds=plan.rounds, seconds=plan.seconds)
    found = [
        row(name, f"{lanes} connections, {size} a commit", taken, samples[limit])
        for (name, lanes, size), taken in samples.items()
    ]
    goals = []
    for callers, wanted in GROUP_GOALS.items():
        fitting = [taken for (name, lanes, size), taken in samples.items() if name == BARE and lanes * size <= callers]
        best = max(fitting, key=lambda taken: over(taken, samples[limit]).median)
        goals.append(goal(f"{NOT_OURS}: the best group of {callers} callers, of {RAW}", wanted, best, samples[limit]))
    return Answer("ledger: postings that share a commit", "postings", found, goals, GROUP_NOTES)


async def _stripped(django: hordak.Hordak | None, plan: Plan, server: Server, books: Books) -> Answer:
    found: list[Row] = []
    goals: list[Goal] = []
    for callers, wanted in RATIOS.items():
        async with AsyncExitStack() as stack:
            raw = await RawTransfer.open(server, callers, stack)
            bare = await BarePosting.open(books, callers, stack)
            takes: dict[tuple[str, Spread], Take] = {
                (RAW, "spread"): taking(raw.transfer("spread"), callers, server),
                (BARE, "spread"): taking(bare.post("spread"), callers, server),
                (BARE, "hot deferred"): taking(bare.post("hot deferred"), callers, server),
            }
            for name, copy in stripped.COPIES.items():
                takes[name, "spread"] = taking(bare.post("spread", copy.schema), callers, server)
            takes[NOTHING, "hot deferred"] = taking(
                bare.post("hot deferred", stripped.COPIES[NOTHING].schema), callers, server
            )
            peer = await pgledger.Pgledger.open(server, callers, stack) if pgledger.files() else None
            for whose, spread, _, _ in PEERS:
                if whose == pgledger.NAME and peer is not None:
                    takes[whose, spread] = taking(peer.transfer(spread), callers, server)
                elif whose == hordak.NAME and django is not None:
                    takes[whose, spread] = partial(django.take, callers, spread)
            samples = await in_turn(takes, rounds=plan.rounds, seconds=plan.seconds)
        limit = samples[RAW, "spread"]
        found += [row(name, setting(callers, spread), taken, limit) for (name, spread), taken in samples.items()]
        goals.append(
            goal(f"{NOT_OURS}: {NOTHING}, of {RAW}, {callers} callers", wanted, samples[NOTHING, "spread"], limit)
        )
        for whose, spread, of_ours, times in PEERS:
            if theirs := samples.get((whose, spread)):
                least = samples[NOTHING, of_ours]
                found.append(
                    _needed(f"{times:g} times {whose}, {spread}", setting(callers, of_ours), times, theirs, least)
                )
                told = [NOTHING, NO_AUDIT] if whose == hordak.NAME else [NOTHING]
                for name in told:
                    what = f"{NOT_OURS}: {name}, {setting(callers, of_ours)}, of {whose}, {spread}"
                    goals.append(goal(what, times, samples[name, of_ours], theirs))
    return Answer("ledger: postings without guarantees", "transfers", found, goals, STRIPPED_NOTES)


def _needed(name: str, where: str, times: float, theirs: Sequence[Sample], ours: Sequence[Sample]) -> Row:
    """What so many times as many would need of us: their whole processor time by it, less what our client takes."""
    return Row(
        name,
        where,
        per_second=median(times * sample.per_second for sample in theirs),
        server_us=median(each.processor_us / times - own.client_us for each, own in zip(theirs, ours, strict=True)),
        client_us=median(own.client_us for own in ours),
    )


async def _held(plan: Plan, server: Server, books: Books) -> Answer:
    found: list[Row] = []
    goals: list[Goal] = []
    await _grown(server, books)
    for callers in plan.callers:
        async with AsyncExitStack() as stack:
            bare = await BarePosting.open(books, callers, stack)
            takes = {
                name: taking(once, callers, server)
                for name, once in {
                    BARE: bare.post("spread"),
                    TWICE: bare.post_twice("spread"),
                    HOLD: bare.hold("spread"),
                    HOLD_POST: bare.hold_and_post("spread"),
                    **{name: bare.hold_and_post("spread", copy.schema) for name, copy in stripped.HELD_COPIES.items()},
                }.items()
            }
            takes[POST_HOLD] = partial(_post_held, bare, callers, server)
            samples = await in_turn(takes, rounds=plan.rounds, seconds=plan.seconds)
        found += rows(samples, baseline=BARE, setting=setting(callers, "spread"))
        goals += [
            goal(f"{what}, in posts, {callers} callers", 1.8, samples[BARE], samples[name], at_most=True)
            for name, what in HELD_GOALS.items()
        ]
    return Answer("ledger: hold and post, piece by piece", "operations", found, goals, HELD_NOTES)


async def _grown(server: Server, books: Books) -> None:
    """Holds in the copies' own tables, which are read: on tables of a few rows the planner would read all of them."""
    async with AsyncExitStack() as stack:
        bare = await BarePosting.open(books, GROWERS, stack)
        for copy in stripped.HELD_COPIES.values():
            await closed_loop(bare.hold_and_post("spread", copy.schema), GROWERS, GROW_SECONDS, server.processor)
        owner = await server.connect(owner=True)
        stack.push_async_callback(owner.close)
        await owner.execute("vacuum analyze")


async def _post_held(bare: BarePosting, callers: int, server: Server, seconds: float) -> Sample:
    """Holds are made first, outside of the sample."""
    await closed_loop(bare.hold("spread"), callers, HOLDING * seconds, server.processor)
    return await closed_loop(bare.post_held, callers, seconds, server.processor)


async def _straight(plan: Plan, server: Server, books: Books) -> Answer:
    found: list[Row] = []
    goals: list[Goal] = []
    for callers in plan.callers:
        async with AsyncExitStack() as stack:
            straight = await StraightPath.open(books, callers, stack)
            flows = await FlowsPath.open(books, callers, stack)
            takes = {
                STRAIGHT: taking(straight.post("spread"), callers, server),
                UNIT: taking(flows.post("spread"), callers, server),
                BORROW: taking(flows.borrow, callers, server),
            }
            samples = await in_turn(takes, rounds=plan.rounds, seconds=plan.seconds)
        found += rows(samples, baseline=STRAIGHT, setting=setting(callers, "spread"))
        parts = [
            borrowed.client_us / unit.client_us for borrowed, unit in zip(samples[BORROW], samples[UNIT], strict=True)
        ]
        what = f"SQLAlchemy's part of the client's processor time, {callers} callers"
        apart = min(parts), max(parts)
        goals.append(Goal(what, round(MOST_OF_A_CLIENT, 2), median(parts), at_most=True, range=apart))
    return Answer("ledger: SQLAlchemy's part of a unit of work", "units", found, goals, STRAIGHT_NOTES)


NOTHING, NO_AUDIT, NOT_OURS = "without any guarantee", "without its audit row", "not in the product"
HELD_GOALS: Mapping[str, str] = {
    TWICE: TWICE,
    HOLD_POST: HOLD_POST,
    **{name: f"{NOT_OURS}: {name}" for name in stripped.HELD_COPIES},
}
"""Whose, and how the goal is told; a post is always one with all guarantees."""
GROUP_NOTES = (
    "a commit: one call that makes so many whole postings, each with its key, audit row and balances.",
    "Figures are of one posting; p50 and p99 are of a commit.",
    "one posting of all: so many entries with one key, transaction row and audit row: less than any group has to do.",
    "Each connection has accounts of its own, so none waits for another. Gathering callers and answering is left out.",
)
STRIPPED_NOTES = (
    f"{NOTHING}: no audit row, key, hash, foreign key, CHECK, and no index but two primary keys.",
    "Nothing looks at entries, floors or whose books they are, either. Accounts are still named by code and looked up.",
    "N times a peer: the rate that the goal asks for, and the processor time that the server may then take for one.",
    "That is the peer's, server's and client's, by N, less what our client takes.",
)
HELD_NOTES = (
    f"{POST_HOLD}: of holds that were made before, outside of the sample. In posts: 1 by the ratio.",
    "In posts: of ledger.post with all of its guarantees, whatever is left out of what is held against it.",
    "without constraints: whole functions; no foreign key, CHECK, trigger, row-level security, nor index but keys.",
    f"{NOTHING}: no audit row, key or hash either; nothing looks at entries, floors or a hold's state, or locks it.",
)
STRAIGHT_NOTES = (
    f"{STRAIGHT}: begin with settings, ledger.post, commit, in as many trips on a connection of the caller's own.",
    f"{BORROW}: all that SQLAlchemy does in a unit of work that only posts; no trip to the server.",
    f"{UNIT}: both, and the unit of work's own objects and checks.",
)
