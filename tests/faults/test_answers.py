"""Answers that are late, lost, garbled or wrong: each rail does a step at most once, and the flow comes to an end."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.arrange import nobody_listens
from tests.faults.cells import CELLS, Cell
from tests.faults.drivers.base import Driver
from tests.faults.drivers.chek import ChekPayout, ChekReclaim, ChekWallets
from tests.faults.drivers.chek_onboarding import ChekUser
from tests.faults.drivers.column import (
    ColumnBook,
    ColumnCheck,
    ColumnHolding,
    ColumnPayout,
    ColumnReversal,
    ColumnReversalOfExpense,
    ColumnStop,
)
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.drivers.paypal import PayPalPayout
from tests.faults.extent import WHOLE
from tests.faults.play import Matrix, Seen, conclude, plan, start
from tests.faults.world import open_world

REFUSED = Cell("refused_before_connecting")
CLOSED_SECONDS = 1.5
WORLDS: Mapping[str, tuple[type[Driver], ...]] = {
    "report_file": (
        EpxWithReport,
        ChekPayout,
        ChekReclaim,
        ChekUser,
        ChekWallets,
        ColumnPayout,
        ColumnBook,
        ColumnCheck,
        ColumnStop,
        PayPalPayout,
        *((ColumnHolding, ColumnReversal, ColumnReversalOfExpense) if WHOLE else ()),
    ),
    "none": (EpxWithoutReport,),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Matrix]:
    """All cells, played at once."""

    async def one(source: str, drivers: tuple[type[Driver], ...]) -> Matrix:
        changes: dict[str, Any] = {"epx": {"inquiry_source": source}}
        async with open_world(migrated, temporal.address, **changes) as world:
            made = [driver(world) for driver in drivers]
            refused = await plan(made, (REFUSED,), first_amount=9_001)
            played = await plan(made, CELLS)
            async with nobody_listens(world, {driver.partner for driver in made}):
                await start(world, refused)
                await asyncio.sleep(CLOSED_SECONDS)
            await start(world, played)
            return await conclude(world, refused + played)

    found: dict[tuple[str, str], Seen] = {}
    async with asyncio.TaskGroup() as group:
        plays = [group.create_task(one(source, drivers)) for source, drivers in WORLDS.items()]
    for play in plays:
        found |= play.result()
    yield found


def _cells() -> list[Any]:
    return [
        pytest.param(driver, cell, id=f"{driver.name}-{cell.name}")
        for drivers in WORLDS.values()
        for driver in drivers
        for cell in (REFUSED, *CELLS)
        if cell.name != "declined" or driver.refused_amount is not None
    ]


@pytest.mark.parametrize(("driver", "cell"), _cells())
def test_cell(matrix: Matrix, driver: type[Driver], cell: Cell) -> None:
    seen = matrix[driver.name, cell.name]
    assert seen.rested in cell.rests(seen.driver), "the call stands where it should while nobody helps"
    assert seen.ended == cell.ends(seen.driver)
    assert seen.effects == (driver.effects if seen.ended == "done" else 0)
    assert seen.sends == (2 if cell.processed is not None and driver.finding == "key" else 1)
