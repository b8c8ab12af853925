"""Locks that the test takes in the database, so that our own statements stand still at a known place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from tests.faults.world import World

_NO_SEND_BEGINS = "lock table money_call_send in share mode"
"""`begin a send` writes its row there: it stands still with nothing committed."""
_NOT_SETTLED = "select from money_call where id = any($1::uuid[]) for update"
"""Settling locks the call's row: it stands still with the answer read."""


@asynccontextmanager
async def no_send_begins(world: World) -> AsyncIterator[None]:
    """Whoever is about to send stands still until the end of the block."""
    async with _held(world, _NO_SEND_BEGINS):
        yield


@asynccontextmanager
async def not_settled(world: World, call_ids: list[Any]) -> AsyncIterator[None]:
    """Whoever has read an answer for one of these stands still until the end of the block."""
    async with _held(world, _NOT_SETTLED, call_ids):
        yield


@asynccontextmanager
async def _held(world: World, statement: str, *values: Any) -> AsyncIterator[None]:
    connection = await world.owner.acquire()
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(statement, *values)
        yield
        with suppress(asyncpg.InterfaceError):  # where the server was killed meanwhile, the lock went with it
            await transaction.rollback()
    finally:
        await world.owner.release(connection)


async def until_blocked(world: World, count: int, *, seconds: float = 60) -> None:
    """Until so many statements of this database stand still at a lock."""
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    await world.system.eventually(lambda: world.owner.fetchval(waiting), lambda found: found >= count, seconds=seconds)
