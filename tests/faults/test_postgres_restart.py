"""PostgreSQL killed with -9 in the middle of things, and back after a while: an answer that was read is not lost."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.arrange import LONG_HTTP, calls_of, release, stand_at_partner, together, until_state
from tests.faults.cells import Cell
from tests.faults.drivers.base import Driver
from tests.faults.drivers.chek import ChekPayout, ChekWallets
from tests.faults.drivers.column import ColumnBook, ColumnPayout
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.locks import no_send_begins, not_settled, until_blocked
from tests.faults.play import Matrix, Seen, conclude, plan, start
from tests.faults.servers import crash, own_postgres
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
BEFORE = Cell("postgres_killed_before_the_send")
AFTER = Cell("postgres_killed_after_the_answer", "pause_after")
MEANWHILE = Cell("answered_while_postgres_is_away", "pause_after")


@dataclass
class Arranged:
    """One world's calls, each at its place."""

    world: World
    before: list[Seen]
    others: list[Seen]
    faults: Mapping[tuple[str, str], int]

    async def answer_the_rest(self) -> None:
        """The partner answers calls whose worker has no database."""
        await release(self.world, self.faults, MEANWHILE)


async def arrange(world: World, source: str, locks: AsyncExitStack) -> Arranged:
    """Some calls recorded and about to be sent, some answered and about to be settled, some at the partner."""
    before = await plan([driver(world) for driver in FIRST_STEPS[source]], (BEFORE,), first_amount=20_001)
    others = await plan([driver(world) for driver in LAST_STEPS[source]], (AFTER, MEANWHILE))
    faults = await start(world, others)
    await stand_at_partner(world, others, faults)
    after = [one for one in others if one.cell is AFTER]
    await locks.enter_async_context(not_settled(world, await calls_of(world, after)))
    await release(world, faults, AFTER)
    await until_blocked(world, len(after))
    await locks.enter_async_context(no_send_begins(world))
    await start(world, before)
    await until_state(world, before, "recorded")
    await until_blocked(world, len(after) + 1)
    return Arranged(world, before, others, faults)


async def api_answers(world: World) -> None:
    """Soon, and until then with nothing worse than `try again later`."""

    async def status() -> int:
        return (await world.system.api.get("/v1/money-calls")).status_code

    seen = await world.system.eventually(status, lambda code: code != 503, seconds=30)
    assert seen == 200, seen


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(temporal: EmbeddedTemporal, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Matrix]:
    """One crash of the server that both worlds have."""
    patient = {"chek": LONG_HTTP | {"readings_apart_seconds": 0.6}, "column": LONG_HTTP}
    found: dict[tuple[str, str], Seen] = {}
    async with own_postgres(tmp_path_factory.mktemp("postgres")) as server, AsyncExitStack() as stack:
        worlds = {}
        for source in FIRST_STEPS:
            changes: dict[str, Any] = {"epx": LONG_HTTP | {"inquiry_source": source}, **patient}
            worlds[source] = await stack.enter_async_context(open_world(server, temporal.address, **changes))
        async with AsyncExitStack() as locks:
            arranged = await together(arrange(world, source, locks) for source, world in worlds.items())
            await crash(server, lambda: together(one.answer_the_rest() for one in arranged))
        for world in worlds.values():
            await api_answers(world)
        for concluded in await together(conclude(one.world, one.before + one.others) for one in arranged):
            found |= concluded
    yield found


def _cells() -> list[Any]:
    return [
        pytest.param(driver, cell, id=f"{driver.name}-{cell.name}")
        for drivers, cells in ((FIRST_STEPS, (BEFORE,)), (LAST_STEPS, (AFTER, MEANWHILE)))
        for of_source in drivers.values()
        for driver in of_source
        for cell in cells
    ]


@pytest.mark.parametrize(("driver", "cell"), _cells())
def test_a_call_is_sent_once_and_its_answer_kept(matrix: Matrix, driver: type[Driver], cell: Cell) -> None:
    """No person and no report was asked: a gateway without one could not have told what a lost answer was."""
    seen = matrix[driver.name, cell.name]
    assert seen.rested == "applied"
    assert seen.ended == "done"
    assert (seen.effects, seen.sends) == (driver.effects, 1)
