"""The Temporal server killed with -9 while calls are in the air, and back after a while: flows go on, nothing twice."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from tests.faults.arrange import calls_of, release, stand_at_partner, together, until_doubted, until_state
from tests.faults.cells import Cell
from tests.faults.drivers.base import Driver
from tests.faults.drivers.chek import ChekPayout, ChekWallets
from tests.faults.drivers.column import ColumnBook, ColumnPayout
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.locks import no_send_begins, not_settled, until_blocked
from tests.faults.play import Matrix, Seen, conclude, plan, start
from tests.faults.servers import crash, own_temporal
from tests.faults.world import World, open_world

Drivers = tuple[type[Driver], ...]
FIRST_STEPS: Mapping[str, Drivers] = {
    "report_file": (EpxWithReport, ChekWallets, ColumnBook),
    "none": (EpxWithoutReport,),
}
LAST_STEPS: Mapping[str, Drivers] = {
    "report_file": (EpxWithReport, ChekPayout, ColumnPayout),
    "none": (EpxWithoutReport,),
}
HTTP: dict[str, Any] = {"http_timeout_seconds": 20.0}
BEFORE = Cell("temporal_killed_before_the_send")
DURING = Cell("answered_while_temporal_is_away", "pause_after")
AFTER = Cell("settled_while_temporal_is_away", "pause_after")
IN_DOUBT = (
    Cell("temporal_killed_in_doubt_processed", "cut_after", processed=True),
    Cell("temporal_killed_in_doubt_unprocessed", "cut_before", processed=False),
)


@dataclass
class Arranged:
    """One world's calls, each at its place, and the locks that keep them there."""

    world: World
    before: list[Seen]
    others: list[Seen]
    faults: Mapping[tuple[str, str], int]
    locks: AsyncExitStack

    async def go_on(self) -> None:
        """Everything but Temporal does: sends begin, the partner answers, answers are settled."""
        await self.locks.aclose()
        await release(self.world, self.faults, DURING)
        answered = [one for one in self.others if one.cell in (DURING, AFTER)]
        await until_state(self.world, answered, "applied")


async def arrange(world: World, source: str, locks: AsyncExitStack) -> Arranged:
    """Calls about to be sent, at the partner, about to be settled, and in doubt."""
    before = await plan([driver(world) for driver in FIRST_STEPS[source]], (BEFORE,), first_amount=20_001)
    others = await plan([driver(world) for driver in LAST_STEPS[source]], (DURING, AFTER, *IN_DOUBT))
    doubtful = [one for one in others if one.cell in IN_DOUBT]
    held = [one for one in others if one not in doubtful]
    faults = await start(world, held)
    await stand_at_partner(world, held, faults)
    after = [one for one in held if one.cell is AFTER]
    await locks.enter_async_context(not_settled(world, await calls_of(world, after)))
    await release(world, faults, AFTER)
    await until_blocked(world, len(after))
    faults |= await start(world, doubtful)
    await until_doubted(world, doubtful)
    await locks.enter_async_context(no_send_begins(world))
    await start(world, before)
    await until_state(world, before, "recorded")
    await until_blocked(world, len(after) + 1)
    return Arranged(world, before, others, faults, locks)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(migrated: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Matrix]:
    """One crash of the server that both worlds have."""
    found: dict[tuple[str, str], Seen] = {}
    async with own_temporal(tmp_path_factory.mktemp("temporal")) as server, AsyncExitStack() as stack:
        worlds = {}
        for source in FIRST_STEPS:
            changes: dict[str, Any] = {"epx": HTTP | {"inquiry_source": source}, "chek": HTTP, "column": HTTP}
            worlds[source] = await stack.enter_async_context(open_world(migrated, server.address, **changes))
        locks = {source: await stack.enter_async_context(AsyncExitStack()) for source in worlds}
        arranged = await together(arrange(worlds[source], source, locks[source]) for source in worlds)
        await crash(server, lambda: together(one.go_on() for one in arranged))
        for concluded in await together(conclude(one.world, one.before + one.others) for one in arranged):
            found |= concluded
    yield found


def _cells() -> list[Any]:
    return [
        pytest.param(driver, cell, id=f"{driver.name}-{cell.name}")
        for drivers, cells in ((FIRST_STEPS, (BEFORE,)), (LAST_STEPS, (DURING, AFTER, *IN_DOUBT)))
        for of_source in drivers.values()
        for driver in of_source
        for cell in cells
    ]


@pytest.mark.parametrize(("driver", "cell"), _cells())
def test_the_flow_goes_on_and_nothing_is_done_twice(matrix: Matrix, driver: type[Driver], cell: Cell) -> None:
    seen = matrix[driver.name, cell.name]
    assert seen.rested in cell.rests(seen.driver)
    assert seen.ended == cell.ends(seen.driver)
    assert seen.effects == (driver.effects if seen.ended == "done" else 0)
    assert seen.sends == (2 if cell.processed is not None and driver.finding == "key" else 1)
