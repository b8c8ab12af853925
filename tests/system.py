"""A running system for story tests: what a user, an operator and a partner would see of it."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import insert

from activities.house import House, open_house
from activities.loops import run as run_loop
from db.tables.organization import operator, organization
from domain.ids import new_id
from sandbox.runner import SandboxRunner
from settings import Settings
from worker import build_worker, loops


@dataclasses.dataclass
class System:
    """The parts, and short cuts to what tests do all the time."""

    settings: Settings
    sandbox: SandboxRunner
    house: House
    control: httpx.AsyncClient
    organization_id: UUID
    operators: tuple[UUID, UUID]

    async def eventually(
        self, look: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool] = bool, *, seconds: float = 20
    ) -> Any:
        """Look until it is as wanted; the last look is in the failure."""
        give_up = time.monotonic() + seconds
        while True:
            seen = await look()
            if wanted(seen):
                return seen
            if time.monotonic() > give_up:
                raise AssertionError(f"still {seen!r} after {seconds} s")
            await asyncio.sleep(0.05)


@asynccontextmanager
async def open_system(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[System]:
    """Start it; stop it cleanly at the end."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(settings, for_worker=True))
        organization_id, first, second = new_id(), new_id(), new_id()
        async with house.database.across_organizations(actor="test") as uow:
            await uow.connection.execute(insert(organization).values(id=organization_id, name="Test organization"))
            for person, name in ((first, "Ada"), (second, "Grace")):
                await uow.connection.execute(
                    insert(operator).values(
                        id=person, organization_id=organization_id, name=name, email=f"{name}@example.test"
                    )
                )
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=sandbox.addresses["control"]))
        stop = asyncio.Event()
        tasks = [asyncio.create_task(run_loop(loop, stop), name=loop.name) for loop in await loops(house, stack)]
        async with build_worker(house):
            yield System(settings, sandbox, house, control, organization_id, (first, second))
            stop.set()
            await asyncio.gather(*tasks)
