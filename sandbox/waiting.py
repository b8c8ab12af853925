"""Standing still on purpose, yet never longer than the sandbox lives."""

import asyncio


async def wait(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Until any of the events, or the end of the time."""
    waits = {asyncio.ensure_future(event.wait()) for event in events}
    _, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for left in pending:
        left.cancel()
