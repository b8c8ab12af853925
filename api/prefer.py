"""`Prefer: wait=10` (RFC 7240): the caller would rather wait for the flow to settle than be answered 202 at once."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Header

_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*(?P<seconds>[0-9]{1,6})\s*(?:$|[,;])")
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.5
_Seen = TypeVar("_Seen")

Prefer = Annotated[str | None, Header(description="wait=<seconds>: answer when the flow has settled, 202 after that")]


def wait_seconds(prefer: str | None, longest: float) -> float:
    """How long to wait, 0 when nothing is preferred. A preference that makes no sense is ignored, as the RFC wants."""
    match = _WAIT.search(prefer or "")
    return min(int(match["seconds"]), longest) if match else 0


async def until(look: Callable[[], Awaitable[_Seen | None]], seconds: float) -> _Seen | None:
    """What `look` finds, asked again and again; None when it finds nothing in time."""
    give_up = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    while (seen := await look()) is None:
        if time.monotonic() + pause > give_up:
            return None
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
    return seen
