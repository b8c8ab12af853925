"""Runs terminated in Temporal: the watch brings their calls to an end, a retry takes the flow up, nothing twice."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from domain.ids import new_id
from tests.faults.arrange import LONG_HTTP, nobody_listens, release, stand_at_partner, state_of, together, until_state
from tests.faults.cells import Cell
from tests.faults.drivers.base import REPEATED, Driver
from tests.faults.drivers.chek import ChekPayout, ChekWallets
from tests.faults.drivers.column import (
    ColumnBook,
    ColumnCheck,
    ColumnCheckByItself,
    ColumnPayout,
    ColumnPayoutByItself,
    ColumnReversal,
    ColumnStop,
)
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.drivers.epx_family import MONEY
from tests.faults.drivers.epx_harmless import PRENOTES, TOKENS
from tests.faults.drivers.paypal import PayPalPayout, PayPalPayoutByItself
from tests.faults.extent import WHOLE
from tests.faults.play import FINAL, Matrix, Seen, conclude, plan, some_at_once, start
from tests.faults.world import World, open_world
from tests.proof import prove

pytestmark = pytest.mark.timeout(400)
"""All cells are played before the first is looked at."""
CLOSED_SECONDS = 1.5
NOTICED_SECONDS = 4.5
"""Heartbeats are told at most every four seconds: by then a running activity knows that its run is gone."""
WATCH_SECONDS = 0.5

Drivers = tuple[type[Driver], ...]
PAYOUTS: Drivers = (ColumnCheck, PayPalPayout, ColumnStop, ColumnReversal)
BY_THEMSELVES: Drivers = (ColumnPayoutByItself, ColumnCheckByItself, PayPalPayoutByItself, ColumnReversal)
FIRST_STEPS: Mapping[str, Drivers] = {
    "report_file": (EpxWithReport, ChekWallets, ColumnBook, ColumnStop, *(BY_THEMSELVES if WHOLE else ())),
    "none": (EpxWithoutReport, *((*MONEY, *PRENOTES) if WHOLE else ())),
}
ALL_STEPS: Mapping[str, Drivers] = {
    "report_file": (EpxWithReport, ChekWallets, ChekPayout, ColumnBook, ColumnPayout, *(PAYOUTS if WHOLE else ())),
    "none": (EpxWithoutReport, *((*MONEY, *PRENOTES, *TOKENS) if WHOLE else ())),
}
UNSENT = Cell("terminated_before_the_send")
IN_THE_AIR = Cell("terminated_in_the_air", "pause_after")
IN_DOUBT = (
    Cell("terminated_in_doubt_processed", "cut_after", processed=True),
    Cell("terminated_in_doubt_unprocessed", "cut_before", processed=False),
)


async def play(world: World, source: str) -> Matrix:
    """Terminated at every place at once; then the watch looks, and operators ask for another try."""
    unsent = await plan([driver(world) for driver in FIRST_STEPS[source]], (UNSENT,), first_amount=25_001)
    others = await plan([driver(world) for driver in ALL_STEPS[source]], (IN_THE_AIR, *IN_DOUBT))
    air = [one for one in others if one.cell is IN_THE_AIR]
    doubtful = [one for one in others if one.cell in IN_DOUBT]
    async with nobody_sends(world, {one.driver.partner for one in unsent}):
        await start(world, unsent)
        await until_state(world, unsent, "recorded")
        await terminate(world, unsent)
        await asyncio.sleep(CLOSED_SECONDS)
    faults = await start(world, air)
    await stand_at_partner(world, air, faults)
    await terminate(world, air)
    noticed = asyncio.create_task(asyncio.sleep(NOTICED_SECONDS))
    await some_at_once(terminate_in_doubt(world, one) for one in doubtful)
    await noticed
    await release(world, faults, IN_THE_AIR)
    await until_state(world, air, "applied")
    async with watched(world):
        for one in doubtful:
            await until_state(world, [one], *one.cell.rests(one.driver))
        for one in unsent:
            await until_stranded(world, one)
        await prove(world.system, at_rest=False)
        await until_state(world, unsent, "recorded", seconds=0)
        for one in unsent + others:
            await go_on(world, one)
        return await conclude(world, unsent + others)


@asynccontextmanager
async def nobody_sends(world: World, partners: set[str]) -> AsyncIterator[None]:
    """Calls are recorded, and for the length of the block no more than that.

    Chek says how the provider is paid before anything is recorded, then keeps its balances to itself.
    """
    fault = None
    if "chek" in partners:
        fault = await world.fault("chek", "users.get", "cut_before", count=None, skip=1)
    async with nobody_listens(world, partners - {"chek"}):
        yield
    if fault is not None:
        (await world.system.control.delete(f"/faults/{fault}")).raise_for_status()


async def terminate(world: World, played: Iterable[Seen]) -> None:
    """As somebody does who presses the button in Temporal's web UI."""
    for one in played:
        call = await one.driver.call(one.amount)
        assert call is not None
        handle = world.system.house.temporal.get_workflow_handle(f"{call['flow']}/{call['flow_id']}")
        await handle.terminate("somebody pressed the button")


async def terminate_in_doubt(world: World, seen: Seen) -> None:
    """At once, before anybody could find out."""
    await start(world, [seen])
    await until_state(world, [seen], "unknown")
    await terminate(world, [seen])


@asynccontextmanager
async def watched(world: World) -> AsyncIterator[None]:
    """The watch looks again and again, as its schedule has it do."""

    async def look() -> None:
        while True:
            await world.system.house.temporal.execute_workflow(
                "money-call-watch",
                id=f"money-call-watch/{new_id()}",
                task_queue=world.system.settings.temporal.task_queue,
            )
            await asyncio.sleep(WATCH_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def until_stranded(world: World, seen: Seen) -> None:
    """Until a person is told that nobody goes on with it."""
    call = await seen.driver.call(seen.amount)
    assert call is not None
    told = "select count(*) from case_file where kind = 'stranded' and state = 'open' and subject_id = $1"
    await world.system.eventually(lambda: world.owner.fetchval(told, str(call["flow_id"])))


async def go_on(world: World, seen: Seen) -> None:
    """Ask for another try where the run left something undone and nothing is in doubt."""
    call, ends = await state_of(world, seen), seen.driver.done | seen.driver.undone
    if call != "recorded" and (call not in FINAL or await seen.driver.state(seen.path) in ends):
        return
    await world.system.post(f"{seen.path}/retry", {"reason": "its run was terminated"})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Matrix]:
    """All cells, played at once."""

    async def one(source: str) -> Matrix:
        changes: dict[str, Any] = {
            "epx": LONG_HTTP | {"inquiry_source": source},
            "chek": LONG_HTTP | {"readings_apart_seconds": 0.6},
            "column": LONG_HTTP,
            "paypal": LONG_HTTP,
        }
        async with open_world(migrated, temporal.address, **changes) as world:
            return await play(world, source)

    first, second = await together(one(source) for source in FIRST_STEPS)
    yield {**first, **second}


def _cells() -> list[Any]:
    return [
        pytest.param(driver, cell, id=f"{driver.name}-{cell.name}")
        for drivers, cells in ((FIRST_STEPS, (UNSENT,)), (ALL_STEPS, (IN_THE_AIR, *IN_DOUBT)))
        for of_source in drivers.values()
        for driver in of_source
        for cell in cells
    ]


@pytest.mark.parametrize(("driver", "cell"), _cells())
def test_cell(matrix: Matrix, driver: type[Driver], cell: Cell) -> None:
    seen = matrix[driver.name, cell.name]
    assert seen.rested in cell.rests(seen.driver)
    assert seen.ended == cell.ends(seen.driver)
    assert seen.sends == (2 if cell.processed is not None and seen.driver.finding in REPEATED else 1)
    if seen.driver.finding == "again":
        assert seen.effects == seen.sends - (cell.processed is False), "each number is a request of its own"
    else:
        assert seen.effects == (driver.effects if seen.ended == "done" else 0)
