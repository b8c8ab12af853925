"""How calls are brought to a known place before the blow falls: at the partner, at a lock, answered and not settled."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from settings import Settings
from tests.faults.cells import Cell
from tests.faults.play import Seen
from tests.faults.world import World, changed

Result = TypeVar("Result")

PATIENCE_SECONDS = 60
LONG_HTTP: dict[str, Any] = {"http_timeout_seconds": 60.0}
ROOM_TO_WAIT = 24
"""Database connections of a process: as many calls stand still at a lock at once, and some are needed beside them."""


def patient(settings: Settings) -> Settings:
    """Waits for answers as long as it takes to arrange everything."""
    room = {"pool_size": ROOM_TO_WAIT}
    return changed(settings, database=room, epx=LONG_HTTP, chek=LONG_HTTP, column=LONG_HTTP, paypal=LONG_HTTP)


async def stand_at_partner(world: World, seen: Iterable[Seen], faults: Mapping[tuple[str, str], int]) -> None:
    """Until each call stands at the partner: written, not answered."""
    for one in seen:
        there = world.waiting if one.cell.kind.startswith("pause") else world.hits
        await world.system.eventually(partial(there, faults[one.id]), seconds=PATIENCE_SECONDS)


async def release(world: World, faults: Mapping[tuple[str, str], int], *cells: Cell) -> None:
    """Let the partner answer the calls of these cells."""
    for (_, cell), fault in faults.items():
        if cell in {one.name for one in cells}:
            (await world.system.control.post(f"/faults/{fault}/release")).raise_for_status()


async def calls_of(world: World, seen: Iterable[Seen]) -> list[Any]:
    """The ids of their money calls, as far as they are recorded."""
    rows = [await one.driver.call(one.amount) for one in seen]
    return [row["id"] for row in rows if row is not None]


async def state_of(world: World, seen: Seen) -> str:
    """The money call's state; nothing while it is not recorded."""
    row = await seen.driver.call(seen.amount)
    return "" if row is None else str(row["state"])


async def until_state(world: World, seen: Iterable[Seen], *states: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Until each call was seen in one of these states; all are watched at once, since some pass soon."""
    looks = (partial(state_of, world, one) for one in seen)
    await asyncio.gather(*(world.system.eventually(look, states.__contains__, seconds=seconds) for look in looks))


async def until_doubted(world: World, seen: Iterable[Seen]) -> None:
    """Until each call is, or was, in doubt. Some are found out sooner than anybody looks; the trail knows it."""
    doubted = (
        "select exists (select from audit.entry where subject_id = $1"
        " and action in ('money_call.unknown', 'money_call.needs_person'))"
    )

    async def was(one: Seen) -> bool:
        calls = await calls_of(world, [one])
        return bool(calls) and bool(await world.owner.fetchval(doubted, str(calls[0])))

    looks = (partial(was, one) for one in seen)
    await asyncio.gather(*(world.system.eventually(look, seconds=PATIENCE_SECONDS) for look in looks))


@asynccontextmanager
async def nobody_listens(world: World, partners: set[str]) -> AsyncIterator[None]:
    """The partners' listening sockets are closed for the block."""
    faults = [await world.fault(partner, "*", "refuse_connection", count=None) for partner in partners]
    yield
    for fault in faults:
        (await world.system.control.delete(f"/faults/{fault}")).raise_for_status()


async def together(plays: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """All at once; when one fails the others are stopped before the world that they share is taken down."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(play) for play in plays]
    return [task.result() for task in tasks]
