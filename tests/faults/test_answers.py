"""Answers that are late, lost, garbled or wrong: each rail does a step at most once, and the flow comes to an end."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.cells import CELLS, Cell
from tests.faults.drivers.base import Driver
from tests.faults.drivers.chek import ChekPayout, ChekWallets
from tests.faults.drivers.column import ColumnBook, ColumnPayout
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.play import Seen, play
from tests.faults.world import open_world

WORLDS: Mapping[str, tuple[type[Driver], ...]] = {
    "report_file": (EpxWithReport, ChekPayout, ChekWallets, ColumnPayout, ColumnBook),
    "none": (EpxWithoutReport,),
}
Matrix = Mapping[tuple[str, str], Seen]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Matrix]:
    """All cells, played at once."""
    found: dict[tuple[str, str], Seen] = {}
    for source, drivers in WORLDS.items():
        changes: dict[str, Any] = {"epx": {"inquiry_source": source}, "chek": {"readings_apart_seconds": 0.4}}
        async with open_world(migrated, temporal.address, **changes) as world:
            found |= await play(world, [driver(world) for driver in drivers], CELLS)
    yield found


def _cells() -> list[Any]:
    return [
        pytest.param(driver, cell, id=f"{driver.name}-{cell.name}")
        for drivers in WORLDS.values()
        for driver in drivers
        for cell in CELLS
        if cell.name != "declined" or driver.refused_amount is not None
    ]


@pytest.mark.parametrize(("driver", "cell"), _cells())
def test_cell(matrix: Matrix, driver: type[Driver], cell: Cell) -> None:
    seen = matrix[driver.name, cell.name]
    assert seen.rested in cell.rests(seen.driver), "the call stands where it should while nobody helps"
    assert seen.ended == cell.ends(seen.driver)
    assert seen.effects == (driver.effects if seen.ended == "done" else 0)
    assert seen.sends == (2 if cell.processed is not None and driver.finding == "key" else 1)
