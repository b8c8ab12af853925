"""Answers that are late, lost, garbled or wrong, of every request of the gateway; CKC2 is in test_answers.

Money goes at most once, with a report file and without. Prenotes and tokens move none: they are sent again, and no
report is asked about them, so each is played in one world only.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.arrange import nobody_listens, together
from tests.faults.cells import CELLS, Cell
from tests.faults.drivers.base import Driver
from tests.faults.drivers.epx_family import MONEY
from tests.faults.drivers.epx_harmless import (
    PrenoteCredit,
    PrenoteDebit,
    SavingsPrenoteCredit,
    SavingsPrenoteDebit,
    SavingsStorage,
    Storage,
)
from tests.faults.extent import WHOLE
from tests.faults.play import Matrix, conclude, plan, start
from tests.faults.world import open_world

pytestmark = pytest.mark.timeout(400)
"""All cells are played before the first is looked at."""
CLOSED_SECONDS = 1.5
REFUSED = Cell("refused_before_connecting")
FURTHER = (
    "late_answer",
    "malformed_unprocessed",
    "malformed_processed",
    "http_500_before_processing",
    "http_500_after_processing",
)
PLAYED = (
    "cut_before_processing",
    "cut_after_processing",
    "wrong_amount_echoed",
    "wrong_reference_echoed",
    *(FURTHER if WHOLE else ()),
)
ANSWERS = tuple(cell for cell in CELLS if cell.name in PLAYED)
WORLDS: Mapping[str, tuple[type[Driver], ...]] = {
    "report_file": (*MONEY, PrenoteDebit, SavingsPrenoteCredit, Storage),
    "none": (*MONEY, SavingsPrenoteDebit, PrenoteCredit, SavingsStorage),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrices(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[dict[str, Matrix]]:
    """All cells, played at once."""

    async def one(source: str) -> Matrix:
        async with open_world(migrated, temporal.address, epx={"inquiry_source": source}) as world:
            drivers = [driver(world) for driver in WORLDS[source]]
            refused = await plan(drivers, (REFUSED,), first_amount=19_001)
            answered = await plan(drivers, ANSWERS)
            async with nobody_listens(world, {"epx"}):
                await start(world, refused)
                await asyncio.sleep(CLOSED_SECONDS)
            await start(world, answered)
            return await conclude(world, refused + answered)

    yield dict(zip(WORLDS, await together(one(source) for source in WORLDS), strict=True))


def _cells() -> list[Any]:
    return [
        pytest.param(source, driver, cell, id=f"{source}-{driver.name}-{cell.name}")
        for source, drivers in WORLDS.items()
        for driver in drivers
        for cell in (REFUSED, *ANSWERS)
    ]


@pytest.mark.parametrize(("source", "driver", "cell"), _cells())
def test_cell(matrices: dict[str, Matrix], source: str, driver: type[Driver], cell: Cell) -> None:
    seen = matrices[source][driver.name, cell.name]
    assert seen.rested in cell.rests(seen.driver), "the call stands where it should while nobody helps"
    assert seen.ended == cell.ends(seen.driver)
    if seen.driver.finding == "again":
        assert seen.sends == (1 if cell is REFUSED else 2)
        assert seen.effects == seen.sends - (cell.processed is False)
    else:
        assert (seen.effects, seen.sends) == (1 if seen.ended == "done" else 0, 1)
