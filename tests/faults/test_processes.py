"""Worker processes that are killed with -9, stand still past their deadline, or lose the end of a transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from rails.epx.rail import HARMLESS_SENDS
from tests.faults.arrange import PATIENCE_SECONDS, calls_of, patient, release, stand_at_partner, state_of, until_state
from tests.faults.cells import Cell
from tests.faults.drivers.base import REPEATED, Driver
from tests.faults.drivers.chek import ChekPayout, ChekReclaim, ChekWallets
from tests.faults.drivers.chek_onboarding import ChekUser
from tests.faults.drivers.column import (
    ColumnBook,
    ColumnCheck,
    ColumnCheckByItself,
    ColumnHolding,
    ColumnPayout,
    ColumnPayoutByItself,
    ColumnReversal,
    ColumnReversalOfExpense,
    ColumnStop,
)
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.drivers.epx_family import MONEY
from tests.faults.drivers.epx_harmless import PRENOTES, TOKENS
from tests.faults.drivers.paypal import PayPalPayout, PayPalPayoutByItself
from tests.faults.extent import WHOLE
from tests.faults.line import open_line
from tests.faults.locks import no_send_begins, not_settled, until_blocked
from tests.faults.play import Matrix, Seen, conclude, plan, start
from tests.faults.processes import WorkerProcess
from tests.faults.wire import Action, Trap, open_wire
from tests.faults.world import World, changed, open_world

pytestmark = pytest.mark.timeout(1800 if WHOLE else 400)
"""All cells are played before the first is looked at."""
WORLDS_AT_ONCE = 3

Drivers = tuple[type[Driver], ...]


@dataclass(frozen=True)
class Attacked:
    """The requests that one world plays. Few in each: a worker that stands still must be woken while it can read."""

    inquiry_source: str
    first_steps: Drivers
    last_steps: Drivers
    only_steps: Drivers
    """No second call follows that would be hit in the first one's place."""

    @property
    def skip(self) -> int:
        """How many calls come before the one under attack; what is not the first of its flow has a world of its own."""
        return max((driver.skip for driver in self.first_steps), default=0)


ATTACKED: tuple[Attacked, ...] = (
    Attacked(
        "report_file",
        first_steps=(EpxWithReport, ChekWallets, ChekReclaim, ChekUser, ColumnBook),
        last_steps=(EpxWithReport, ChekPayout, ChekReclaim, ChekUser, ColumnPayout, ColumnCheck, PayPalPayout),
        only_steps=(EpxWithReport, ChekWallets, ChekReclaim, ChekUser, ColumnBook),
    ),
    Attacked("none", *(((EpxWithoutReport,),) * 3)),
)
PAYOUTS: tuple[Drivers, ...] = (
    (ColumnPayoutByItself, ColumnCheckByItself, PayPalPayoutByItself),
    (ColumnStop, ColumnReversal),
    (ColumnHolding,),
    (ColumnReversalOfExpense,),
)
if WHOLE:
    ATTACKED += (Attacked("none", MONEY, MONEY, MONEY), Attacked("none", PRENOTES, (*PRENOTES, *TOKENS), ()))
    ATTACKED += tuple(Attacked("none", drivers, drivers, drivers) for drivers in PAYOUTS)

KILLED_BEFORE = Cell("killed_before_the_send")
KILLED_DURING = (
    Cell("killed_during_the_send_processed", "pause_after", processed=True),
    Cell("killed_during_the_send_unprocessed", "cut_before", processed=False, how={"delay_ms": 60_000}),
)
KILLED_AFTER = Cell("killed_after_the_answer", "pause_after", processed=True)


class Paused(Cell):
    """The first attempt stands still past its deadline, a repeat runs in another worker, then the first is woken."""

    def rests(self, driver: Driver) -> frozenset[str]:
        """Once both have done what they could."""
        if self.processed:
            return frozenset({"applied"})  # the answer that was read late is an answer
        return {
            "report": frozenset({"applied"}),  # the first says that it never wrote: then it is sent
            "person": frozenset({"needs_person"}),
            "balances": frozenset({"refused"}),
            "subject": frozenset({"refused"}),
            "key": frozenset({"applied"}),
            "again": frozenset({"applied"}),
        }[driver.finding]

    def ends(self, driver: Driver) -> str:
        """Never twice, whoever was first."""
        return "done" if self.processed or driver.finding in {"report", *REPEATED} else "undone"

    def repeat_finds(self, driver: Driver) -> str:
        """The state in which the repeat leaves the call while the first stands still."""
        if driver.finding == "person":
            return "needs_person"
        if self.processed:
            return "applied"
        if driver.finding in {"balances", "subject"}:
            return "refused"
        return "unknown" if driver.finding == "report" else "applied"


PAUSED_BEFORE = Paused("paused_before_the_first_byte", processed=False)
PAUSED_DURING = Paused("paused_during_the_send", "pause_after", processed=True)
PAUSED_AFTER = Paused("paused_after_the_answer", "pause_after", processed=True)

LOST_COMMITS: tuple[tuple[Cell, str, Action], ...] = (
    (Cell("commit_of_recording_lost"), "money_call_record", "lose_after"),
    (Cell("commit_of_sending_lost"), "money_call_begin_send", "lose_after"),
    (Cell("commit_of_sending_not_done"), "money_call_begin_send", "lose_before"),
    (Cell("commit_of_settling_lost"), "money_call_settle", "lose_after"),
    (Cell("commit_of_settling_not_done"), "money_call_settle", "lose_before"),
)


async def play_killed(world: World, attacked: Attacked) -> Matrix:
    """One kill hits calls at four places at once."""
    last = [driver(world) for driver in attacked.last_steps]
    first = [driver(world) for driver in attacked.first_steps]
    async with AsyncExitStack() as locks:
        wire, url = await locks.enter_async_context(open_wire(world.system.settings.database.url.get_secret_value()))
        worker = await locks.enter_async_context(
            WorkerProcess(changed(patient(world.system.settings), database={"url": url}))
        )
        before = await plan(first, (KILLED_BEFORE,), first_amount=25_001)
        others = await plan(last, (*KILLED_DURING, KILLED_AFTER))
        after = [one for one in others if one.cell is KILLED_AFTER]
        faults = await start(world, others)
        await stand_at_partner(world, others, faults)
        await locks.enter_async_context(not_settled(world, await calls_of(world, after)))
        await release(world, faults, KILLED_AFTER)
        await until_blocked(world, len(after))
        if attacked.skip:
            # the call before it is settled, and nobody hears of that
            trap = wire.trap("money_call_settle", "hold", times=len(before), skip=attacked.skip - 1)
            await start(world, before)
            await until_struck(world, trap)
        else:
            await locks.enter_async_context(no_send_begins(world))
            await start(world, before)
        await until_state(world, before, "recorded")
        await until_blocked(world, 1)
        worker.kill()
    await release(world, faults, KILLED_DURING[0])
    async with WorkerProcess(world.system.settings):
        return await conclude(world, before + others)


async def play_paused(world: World, attacked: Attacked) -> Matrix:
    """The first attempt stands still at three places at once, while another worker does what it can."""
    settings = world.system.settings
    async with AsyncExitStack() as stack:
        wire, url = await stack.enter_async_context(open_wire(settings.database.url.get_secret_value()))
        line, address = await stack.enter_async_context(open_line(settings.temporal.address))
        slow = changed(patient(settings), database={"url": url}, temporal={"address": address})
        worker = await stack.enter_async_context(WorkerProcess(slow))
        before = await plan([driver(world) for driver in attacked.first_steps], (PAUSED_BEFORE,), first_amount=25_001)
        others = await plan([driver(world) for driver in attacked.last_steps], (PAUSED_DURING, PAUSED_AFTER))
        after = [one for one in others if one.cell is PAUSED_AFTER]
        faults = await start(world, others)
        await stand_at_partner(world, others, faults)
        async with not_settled(world, await calls_of(world, after)):
            await release(world, faults, PAUSED_AFTER)
            await until_blocked(world, len(after))
            trap = wire.trap("money_call_begin_send", "hold", times=len(before), skip=attacked.skip)
            await start(world, before)
            await until_struck(world, trap)
            worker.pause()
            line.cut()  # else the server goes on giving it work, which nobody does for a minute
        await release(world, faults, PAUSED_DURING)
        await stack.enter_async_context(WorkerProcess(settings))
        for one in before + [one for one in others if one.cell is PAUSED_DURING]:
            assert isinstance(one.cell, Paused)
            found = one.cell.repeat_finds(one.driver)
            await world.system.eventually(partial(state_of, world, one), found.__eq__, seconds=PATIENCE_SECONDS)
        trap.released.set()
        line.mend()
        worker.wake()
        return await conclude(world, before + others)


async def until_struck(world: World, trap: Trap) -> None:
    """Until as many transactions as it was set for stand in it."""

    async def struck() -> int:
        return trap.struck

    await world.system.eventually(struck, trap.times.__eq__)


async def play_lost_commits(world: World, attacked: Attacked) -> Matrix:
    """One kind after the other; each hits as many transactions as there are flows."""
    async with AsyncExitStack() as stack:
        wire, url = await stack.enter_async_context(open_wire(world.system.settings.database.url.get_secret_value()))
        await stack.enter_async_context(WorkerProcess(changed(world.system.settings, database={"url": url})))
        drivers = [driver(world) for driver in attacked.only_steps]
        played = await plan(drivers, [cell for cell, _, _ in LOST_COMMITS])
        for cell, function, action in LOST_COMMITS:
            of_cell = [one for one in played if one.cell is cell]
            # the transfers of one direction are recorded together
            skip = 0 if function == "money_call_record" else attacked.skip
            trap = wire.trap(function, action, times=len(of_cell), skip=skip)
            await start(world, of_cell)
            for one in of_cell:
                await world.system.eventually(
                    partial(one.driver.state, one.path), one.driver.done.__contains__, seconds=30
                )
            assert trap.struck == trap.times
        return await conclude(world, played)


PLAYS: Mapping[str, Callable[[World, Attacked], Awaitable[Matrix]]] = {
    "killed": play_killed,
    "paused": play_paused,
    "lost_commits": play_lost_commits,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Matrix]:
    """All plays in all worlds, some at once: most of their time is waiting for heartbeats that do not come."""
    few = asyncio.Semaphore(WORLDS_AT_ONCE)

    async def one(name: str, attacked: Attacked) -> Matrix:
        changes: dict[str, Any] = {"epx": {"inquiry_source": attacked.inquiry_source}}
        async with few, open_world(migrated, temporal.address, worker=False, **changes) as world:
            return await PLAYS[name](world, attacked)

    found: dict[tuple[str, str], Seen] = {}
    async with asyncio.TaskGroup() as group:
        plays = [group.create_task(one(name, attacked)) for name in PLAYS for attacked in ATTACKED]
    for play in plays:
        found |= play.result()
    yield found


def _cells() -> list[Any]:
    of_first = (KILLED_BEFORE, PAUSED_BEFORE)
    of_only = tuple(cell for cell, _, _ in LOST_COMMITS)
    of_last = (*KILLED_DURING, KILLED_AFTER, PAUSED_DURING, PAUSED_AFTER)
    return [
        pytest.param(driver, cell, id=f"{driver.name}-{cell.name}")
        for attacked in ATTACKED
        for drivers, cells in (
            (attacked.first_steps, of_first),
            (attacked.only_steps, of_only),
            (attacked.last_steps, of_last),
        )
        for driver in drivers
        for cell in cells
    ]


@pytest.mark.parametrize(("driver", "cell"), _cells())
def test_cell(matrix: Matrix, driver: type[Driver], cell: Cell) -> None:
    seen = matrix[driver.name, cell.name]
    assert seen.rested in cell.rests(seen.driver)
    assert seen.ended == cell.ends(seen.driver)
    if seen.driver.finding == "again":
        assert 1 <= seen.effects <= seen.sends <= HARMLESS_SENDS
    else:
        assert seen.effects == (driver.effects if seen.ended == "done" else 0)
