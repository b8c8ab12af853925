"""Heartbeats of an activity, so that Temporal notices the death of its worker within seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

EVERY_SECONDS = 1.5


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Beat while the block runs, also while it finishes what a cancellation may not interrupt.

    A local activity has no heartbeat: its worker's death shows with the workflow task.
    """
    if activity.info().is_local:
        yield
        return
    beating = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat() -> None:
    while True:
        # its start counts as a beat: what ends sooner costs the server none
        await asyncio.sleep(EVERY_SECONDS)
        activity.heartbeat()
