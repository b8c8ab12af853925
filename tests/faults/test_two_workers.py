"""Two workers on the same call, both awake: one send, one outcome, one posting, whoever is first."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from temporalio.testing import ActivityEnvironment

from activities.house import House, open_house
from activities.money_call import MoneyCalls
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from contracts.money_call import MoneyCallResult, PerformMoneyCall
from tests.faults.arrange import (
    calls_of,
    patient,
    release,
    stand_at_partner,
    together,
    until_state,
)
from tests.faults.cells import Cell
from tests.faults.drivers.base import Driver
from tests.faults.drivers.chek import ChekPayout, ChekWallets
from tests.faults.drivers.column import ColumnBook, ColumnPayout
from tests.faults.drivers.epx import EpxWithoutReport, EpxWithReport
from tests.faults.line import open_line
from tests.faults.locks import no_send_begins, not_settled, until_blocked
from tests.faults.play import Matrix, Seen, conclude, plan, start
from tests.faults.processes import WorkerProcess
from tests.faults.world import World, changed, open_world

Drivers = tuple[type[Driver], ...]
FIRST_STEPS: Mapping[str, Drivers] = {
    "report_file": (EpxWithReport, ChekWallets, ColumnBook),
    "none": (EpxWithoutReport,),
}
LAST_STEPS: Mapping[str, Drivers] = {
    "report_file": (EpxWithReport, ChekPayout, ColumnPayout),
    "none": (EpxWithoutReport,),
}
BOTH_AT_THE_ANSWER = Cell("both_at_the_answer", "pause_after")
RACED = Cell("twenty_at_once")
LATECOMER = Cell("one_that_looked_before_the_other_sent")
RACERS = 20
ABLE_TO_WAIT = 12
"""How many of the racers one process has room for: more of them at the lock are racers of both."""


async def play(world: World, source: str) -> Matrix:
    """One play after the other in one world, which in the end has two workers that are awake and hear everything."""
    async with AsyncExitStack() as stack:
        played = await both_at_the_answer(world, source, stack)
        roomy = changed(world.system.settings, database={"pool_size": ABLE_TO_WAIT})
        houses = [await stack.enter_async_context(open_house(roomy)) for _ in range(2)]
        if source == "report_file":
            played += await one_looks_too_late(world, houses[0])
        played += await twenty_at_once(world, source, houses)
        matrix = await conclude(world, played)
    opened = await world.owner.fetch("select kind, summary from case_file where kind <> 'needs_person'")
    assert not opened, opened
    return matrix


async def both_at_the_answer(world: World, source: str, stack: AsyncExitStack) -> list[Seen]:
    """The first worker has read the answer and loses its line to Temporal; the second is given the same activity."""
    settings = world.system.settings
    line, address = await stack.enter_async_context(open_line(settings.temporal.address))
    deaf = changed(patient(settings), temporal={"address": address})
    await stack.enter_async_context(WorkerProcess(deaf))
    played = await plan([driver(world) for driver in LAST_STEPS[source]], (BOTH_AT_THE_ANSWER,))
    faults = await start(world, played)
    await stand_at_partner(world, played, faults)
    async with not_settled(world, await calls_of(world, played)):
        await release(world, faults, BOTH_AT_THE_ANSWER)
        await until_blocked(world, len(played))
        line.cut()
        await stack.enter_async_context(WorkerProcess(settings))
        await until_blocked(world, 2 * len(played))
    await until_state(world, played, "applied")
    line.mend()
    return played


async def twenty_at_once(world: World, source: str, houses: list[House]) -> list[Seen]:
    """Twenty performers of each recorded call, in two more processes' worth of clients, beside the flow's own."""
    played = await plan([driver(world) for driver in FIRST_STEPS[source]], (RACED,), first_amount=20_001)
    racing: list[asyncio.Task[MoneyCallResult]] = []
    async with asyncio.TaskGroup() as group, no_send_begins(world):
        await start(world, played)
        await until_state(world, played, "recorded")
        for one in played:
            ask = await asked(world, one)
            racing += [group.create_task(perform(houses[number % 2], ask)) for number in range(RACERS)]
        await until_blocked(world, ABLE_TO_WAIT + 1)
    assert {task.result().state for task in racing} <= {"applied", "unknown"}
    return played


async def one_looks_too_late(world: World, house: House) -> list[Seen]:
    """The flow's own performer reads Chek's balances only after another has moved the money: it is not blocked."""
    played = await plan([ChekWallets(world)], (LATECOMER,), first_amount=30_001)
    held = await world.fault("chek", "users.get", "pause_before", skip=1)
    await start(world, played)
    await world.system.eventually(lambda: world.waiting(held))
    other = await perform(house, await asked(world, played[0]))
    assert other.state == "applied"
    (await world.system.control.post(f"/faults/{held}/release")).raise_for_status()
    return played


async def asked(world: World, seen: Seen) -> PerformMoneyCall:
    """What the flow asks of the activity for this call."""
    call = await seen.driver.call(seen.amount)
    assert call is not None
    return PerformMoneyCall(
        organization_id=call["organization_id"], flow=call["flow"], flow_id=call["flow_id"], step=call["step"]
    )


async def perform(house: House, ask: PerformMoneyCall) -> MoneyCallResult:
    """The activity itself, as a worker of this house would run it."""
    calls = MoneyCalls(house.database, house.rails, house.flows, house.sender, house.finder)
    return await ActivityEnvironment().run(calls.perform, ask)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal) -> AsyncIterator[Matrix]:
    """Both worlds at once."""

    async def one(source: str) -> Matrix:
        changes: dict[str, Any] = {"epx": {"inquiry_source": source}}
        async with open_world(migrated, temporal.address, worker=False, **changes) as world:
            return await play(world, source)

    first, second = await together(one(source) for source in FIRST_STEPS)
    yield {**first, **second}


def _cells() -> list[Any]:
    played: list[tuple[Mapping[str, Drivers], Cell]] = [
        (LAST_STEPS, BOTH_AT_THE_ANSWER),
        (FIRST_STEPS, RACED),
        ({"": (ChekWallets,)}, LATECOMER),
    ]
    return [
        pytest.param(driver, cell, id=f"{driver.name}-{cell.name}")
        for drivers, cell in played
        for of_source in drivers.values()
        for driver in of_source
    ]


@pytest.mark.parametrize(("driver", "cell"), _cells())
def test_it_is_done_once(matrix: Matrix, driver: type[Driver], cell: Cell) -> None:
    """Only Column may be sent the same request twice: its key makes one transfer of them."""
    seen = matrix[driver.name, cell.name]
    assert (seen.rested, seen.ended) == ("applied", "done")
    assert seen.effects == driver.effects
    assert seen.sends == 1 or (cell is BOTH_AT_THE_ANSWER and driver.finding == "key")
