"""The API on a port of its own, to which Column and PayPal post their events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from api.app import create_app
from api.context import ApiContext
from api.routes import ROUTERS
from tests.faults.world import World


@asynccontextmanager
async def partners_tell(world: World, *, delay_ms: int) -> AsyncIterator[None]:
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
    here = f"http://127.0.0.1:{port}/v1/webhooks"
    await _told_to(world, "column", url=f"{here}/column", delay_ms=delay_ms)
    await _told_to(world, "paypal", url=f"{here}/paypal")
    try:
        yield
    finally:
        for partner in ("column", "paypal"):
            await _told_to(world, partner, url="")
        server.should_exit = True
        await serving


async def _told_to(world: World, partner: str, **how: str | int) -> None:
    (await world.system.control.put(f"/{partner}/webhook", json=how)).raise_for_status()
