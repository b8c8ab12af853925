"""What the flows have in common that are played from the first request to the end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from temporalio.service import RPCError, RPCStatusCode

from tests.system import System

AT_ONCE = 16
"""Requests under way at once; the flows that they start are not limited."""
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 180


class WholeFlow(Protocol):
    """One kind of flow."""

    name: str
    workflow: str

    async def prepare(self, count: int) -> None:
        """Make what so many flows need."""

    async def play(self) -> list[UUID]:
        """Start all that is prepared and bring it to its end, in the rows and in Temporal; the flows' ids."""


def uuid_of(public_id: str) -> UUID:
    """The id within a prefixed one."""
    return UUID(public_id.split("_")[1])


async def at_once(deeds: Sequence[Callable[[], Awaitable[Any]]], limit: int = AT_ONCE) -> list[Any]:
    """Do all of it, so many at a time; results in order."""
    gate = asyncio.Semaphore(limit)

    async def one(deed: Callable[[], Awaitable[Any]]) -> Any:
        async with gate:
            return await deed()

    return await asyncio.gather(*(one(deed) for deed in deeds))


async def rows_stand(system: System, query: str, ids: Sequence[UUID]) -> None:
    """Until `query`, given these ids, counts all of them. Raises TimeoutError."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        async with system.house.database.unit_of_work(system.organization_id, actor="bench") as uow:
            found = (await uow.connection.execute(text(query), {"ids": list(ids)})).scalar_one()
        if found == len(ids):
            return
        if time.monotonic() > give_up:
            raise TimeoutError(f"{found} of {len(ids)} in {PATIENCE_SECONDS} s: {query}")
        await asyncio.sleep(LOOK_SECONDS)


async def runs_end(system: System, workflow: str, ids: Sequence[UUID]) -> None:
    """Until their workflows have ended; the API answers before it has them started."""
    client = system.house.temporal

    async def end(flow_id: UUID) -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                await client.get_workflow_handle(f"{workflow}/{flow_id}").result()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND or time.monotonic() > give_up:
                    raise
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    await asyncio.gather(*(end(flow_id) for flow_id in ids))
