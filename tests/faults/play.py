"""Plays many cells at once in one world, and writes down what was seen of each."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.faults.cells import Cell
from tests.faults.drivers.base import Driver
from tests.faults.world import World
from tests.proof import prove

FIRST_AMOUNT = 10_001
AT_ONCE = 8
FINAL = ("applied", "refused")


@dataclass
class Seen:
    """One cell as it went."""

    driver: Driver
    cell: Cell
    amount: int
    path: str = ""
    rested: str = ""
    ended: str = ""
    effects: int = 0
    sends: int = 0

    @property
    def id(self) -> tuple[str, str]:
        return self.driver.name, self.cell.name


async def play(world: World, drivers: Sequence[Driver], cells: Sequence[Cell]) -> dict[tuple[str, str], Seen]:
    """All cells of all drivers; the books are proven in the middle, with calls in doubt, and at the end."""
    for driver in drivers:
        await driver.prepare()
    played = _plan(drivers, cells)
    limit = asyncio.Semaphore(AT_ONCE)

    async def begin(seen: Seen) -> None:
        async with limit:
            await seen.driver.ready(seen.amount)
            if seen.cell.kind:
                match = {"amount": seen.amount}
                await world.fault(
                    seen.driver.partner, seen.driver.operation, seen.cell.kind, match=match, **seen.cell.how
                )
            seen.path = await seen.driver.start(seen.amount)

    await asyncio.gather(*(begin(seen) for seen in played))
    await asyncio.gather(*(_rest(world, seen) for seen in played))
    await asyncio.gather(*(_settled_flows(seen) for seen in played if seen.rested in FINAL))
    await prove(world.system, at_rest=False)
    await _help(world, played)
    await asyncio.gather(*(_end(world, seen) for seen in played))
    await world.system.advance_clock(days=5)
    await settle_down(world)
    await prove(world.system)
    return {seen.id: seen for seen in played}


def _plan(drivers: Sequence[Driver], cells: Sequence[Cell]) -> list[Seen]:
    played: list[Seen] = []
    for driver in drivers:
        for cell in cells:
            amount = FIRST_AMOUNT + len(played)
            if cell.name == "declined":
                if driver.refused_amount is None:
                    continue
                amount = driver.refused_amount
            played.append(Seen(driver, cell, amount))
    return played


async def _rest(world: World, seen: Seen) -> None:
    """Until the money call stands where nobody but time, or a person, can move it."""
    wanted = seen.cell.rests(seen.driver)
    with suppress(AssertionError):  # the cell's own test says what it is instead
        await world.system.eventually(
            lambda: world.call(seen.driver.step, seen.amount),
            lambda row: row is not None and row["state"] in wanted,
            seconds=45,
        )
    row = await world.call(seen.driver.step, seen.amount)
    seen.rested = "not recorded" if row is None else row["state"]


async def _settled_flows(seen: Seen) -> None:
    """Until the flow has drawn its conclusion, so that the books do not move while they are read."""
    ends = seen.driver.done | seen.driver.undone
    await seen.driver.world.system.eventually(lambda: seen.driver.state(seen.path), ends.__contains__, seconds=30)


async def _help(world: World, played: Sequence[Seen]) -> None:
    """Close the batches that tell; have persons find out in the partner's book what nothing else tells."""
    if any(seen.driver.finding == "report" for seen in played):
        await world.system.advance_clock(days=1)
    for seen in played:
        if seen.rested == "needs_person":
            row = await world.call(seen.driver.step, seen.amount)
            assert row is not None
            await world.resolve(row["id"], "applied" if await _effects(world, seen) else "refused")


async def _end(world: World, seen: Seen) -> None:
    await _settled_flows(seen)
    state = await seen.driver.state(seen.path)
    seen.ended = "done" if state in seen.driver.done else "undone"
    seen.effects = await _effects(world, seen)
    row = await world.call(seen.driver.step, seen.amount)
    seen.sends = 0 if row is None else row["send_count"]


async def _effects(world: World, seen: Seen) -> int:
    received = await world.received(seen.driver.partner, seen.driver.operation, seen.amount)
    return sum(entry["took_effect"] for entry in received)


async def settle_down(world: World, *, seconds: float = 30) -> None:
    """Until nothing is left to be processed: events that waited are looked at again at once."""
    await world.owner.execute("update inbox_event set next_attempt_at = now() where state = 'waiting'")
    left = (
        "select (select count(*) from inbox_event where state in ('stored', 'waiting'))"
        " + (select count(*) from workflow_outbox where done_at is null)"
    )
    await world.system.eventually(lambda: world.owner.fetchval(left), lambda count: count == 0, seconds=seconds)
