"""The API on a port of its own, to which Column posts its events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from api.app import create_app
from api.context import ApiContext
from api.routes import ROUTERS
from tests.faults.world import World


@asynccontextmanager
async def column_tells(world: World, *, delay_ms: int) -> AsyncIterator[None]:
    """Events are told this long after they happened, until the end of the block."""
    house = world.system.house
    context = ApiContext(
        settings=world.system.settings,
        database=house.database,
        temporal=house.temporal,
        after_commit=house.outbox.deliver,
        flows=house.flows,
        settler=house.settler,
    )
    config = uvicorn.Config(create_app(context, ROUTERS), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    await _told_to(world, url=f"http://127.0.0.1:{port}/v1/webhooks/column", delay_ms=delay_ms)
    try:
        yield
    finally:
        await _told_to(world, url="")
        server.should_exit = True
        await serving


async def _told_to(world: World, **how: str | int) -> None:
    (await world.system.control.put("/column/webhook", json=how)).raise_for_status()
