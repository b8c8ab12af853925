"""The API on a port of its own, to which Column and PayPal post their events."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.faults.world import World
from tests.serving import serving
from tests.system import api_of


@asynccontextmanager
async def partners_tell(world: World, *, delay_ms: int) -> AsyncIterator[None]:
    """Events are told this long after they happened, until the end of the block."""
    async with serving(api_of(world.system.house, world.system.settings)) as url:
        await _told_to(world, "column", url=f"{url}/v1/webhooks/column", delay_ms=delay_ms)
        await _told_to(world, "paypal", url=f"{url}/v1/webhooks/paypal")
        try:
            yield
        finally:
            for partner in ("column", "paypal"):
                await _told_to(world, partner, url="")


async def _told_to(world: World, partner: str, **how: str | int) -> None:
    (await world.system.control.put(f"/{partner}/webhook", json=how)).raise_for_status()
