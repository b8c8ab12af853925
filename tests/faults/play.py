"""Plays many cells at once in one world, and writes down what was seen of each."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.faults.cells import Cell
from tests.faults.drivers.base import Driver
from tests.faults.world import World
from tests.proof import prove

AT_ONCE = 8
FINAL = ("applied", "refused")
Matrix = Mapping[tuple[str, str], "Seen"]


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


async def play(world: World, drivers: Sequence[Driver], cells: Sequence[Cell]) -> Matrix:
    """All cells of all drivers at once."""
    planned = await plan(drivers, cells)
    await start(world, planned)
    return await conclude(world, planned)


async def plan(drivers: Iterable[Driver], cells: Sequence[Cell], *, first_amount: int = 10_001) -> list[Seen]:
    """Each cell of each driver with an amount of its own, all that comes before the attack done."""
    amounts = count(first_amount)
    planned: list[Seen] = []
    for driver in drivers:
        await driver.prepare()
        for cell in cells:
            amount = driver.refused_amount if cell.name == "declined" else next(amounts)
            if amount is not None:
                planned.append(Seen(driver, cell, amount))
    await some_at_once(seen.driver.ready(seen.amount) for seen in planned)
    return planned


async def some_at_once(waits: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of them, some at once: many that look again and again leave no time to what they wait for."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(wait: Coroutine[Any, Any, None]) -> None:
        async with limit:
            await wait

    await asyncio.gather(*(one(wait) for wait in waits))


async def start(world: World, planned: Iterable[Seen]) -> dict[tuple[str, str], int]:
    """Set each cell's fault and start its flow. Returns the faults' ids."""
    faults: dict[tuple[str, str], int] = {}

    async def one(seen: Seen) -> None:
        driver, cell = seen.driver, seen.cell
        if cell.kind:
            how = {"match": driver.match(seen.amount), "skip": driver.skip, **cell.how}
            faults[seen.id] = await world.fault(driver.partner, driver.operation, cell.kind, **how)
        seen.path = await driver.start(seen.amount)

    await asyncio.gather(*(one(seen) for seen in planned))
    return faults


async def conclude(world: World, played: Sequence[Seen], *, seconds: float = 90) -> Matrix:
    """Prove the books with calls in doubt, help those that only time or a person can, and prove them at the end."""
    await some_at_once(_rest(world, seen, seconds) for seen in played)
    await some_at_once(_flow_ended(seen) for seen in played if seen.rested in FINAL)
    await prove(world.system, at_rest=False)
    await _help(world, played)
    await some_at_once(_end(seen) for seen in played)
    await world.system.advance_clock(days=5)
    await settle_down(world)
    await prove(world.system)
    return {seen.id: seen for seen in played}


async def _rest(world: World, seen: Seen, seconds: float) -> None:
    """Until the money call stands where nobody but time, or a person, can move it."""
    wanted = seen.cell.rests(seen.driver)
    with suppress(AssertionError):  # the cell's own test says what it is instead
        await world.system.eventually(
            lambda: seen.driver.call(seen.amount),
            lambda row: row is not None and row["state"] in wanted,
            seconds=seconds,
        )
    row = await seen.driver.call(seen.amount)
    seen.rested = "not recorded" if row is None else row["state"]


async def _flow_ended(seen: Seen) -> None:
    """Until the flow has drawn its conclusion, so that the books do not move while they are read."""
    ends = seen.driver.done | seen.driver.undone
    await seen.driver.world.system.eventually(lambda: seen.driver.state(seen.path), ends.__contains__, seconds=60)


async def _help(world: World, played: Sequence[Seen]) -> None:
    """Close the batches that tell; have persons find out in the partner's book what nothing else tells."""
    if any(seen.driver.finding == "report" for seen in played):
        await world.system.advance_clock(days=1)
    for seen in played:
        if seen.rested == "needs_person":
            row = await seen.driver.call(seen.amount)
            assert row is not None
            await world.resolve(row["id"], "applied" if await effects_of(seen) else "refused")


async def _end(seen: Seen) -> None:
    with suppress(AssertionError):  # as above
        await _flow_ended(seen)
    state = await seen.driver.state(seen.path)
    seen.ended = "done" if state in seen.driver.done else "undone" if state in seen.driver.undone else state
    seen.effects = await effects_of(seen)
    row = await seen.driver.call(seen.amount)
    seen.sends = 0 if row is None else row["send_count"]


async def effects_of(seen: Seen) -> int:
    """How often the partner did what the cell attacks."""
    received = await seen.driver.received(seen.amount)
    return sum(entry["took_effect"] for entry in received)


async def settle_down(world: World, *, seconds: float = 90) -> None:
    """Until nothing is left to be processed: what waited, or was lost with a worker, is looked at again at once."""
    await world.owner.execute("update inbox_event set next_attempt_at = now() where state = 'waiting'")
    await world.owner.execute("update workflow_outbox set next_attempt_at = now() where done_at is null")
    left = (
        "select 'event ' || source || ' ' || kind || ' ' || state as what, attempts, note from inbox_event"
        " where state in ('stored', 'waiting')"
        " union all select 'outbox ' || workflow_id, attempts, last_error from workflow_outbox where done_at is null"
    )
    await world.system.eventually(lambda: world.owner.fetch(left), lambda found: not found, seconds=seconds)
