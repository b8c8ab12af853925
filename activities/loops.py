"""Plain loops, most of them a worker's: start what is left, read feeds, process the inbox, tell webhooks, seal."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Loop:
    """A body that is run again and again. It returns how much it did: after 0 the loop pauses."""

    name: str
    body: Callable[[], Awaitable[int]]
    pause_seconds: float


async def run(loop: Loop, stop: asyncio.Event) -> None:
    """Until told to stop. What fails is said once per kind of error, and tried again after the pause."""
    failing = ""
    while not stop.is_set():
        try:
            done = await loop.body()
        except Exception as error:  # noqa: BLE001 - a loop outlives its database, its partner and Temporal
            done = 0
            if failing != type(error).__name__:
                failing = type(error).__name__
                log.warning("loop_waits", loop=loop.name, error=failing)
        else:
            if failing:
                log.info("loop_goes_on", loop=loop.name)
            failing = ""
        if not done:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), loop.pause_seconds)
