"""Servers of one module's own, that may be killed: everybody else's tests share the session's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from cli.embedded.part import Part
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.conftest import make_template
from tests.scratch import POSTGRES, scratch

DOWN_SECONDS = 3.0
"""Longer than any pause between two tries, so that whoever needs the server has noticed."""


@asynccontextmanager
async def own_postgres(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A migrated server. What the kernel has survives a kill -9, so it needs no fsync."""
    with scratch(folder) as place, EmbeddedPostgres(place, settings=POSTGRES) as server:
        await asyncio.to_thread(make_template, server)
        yield server


@asynccontextmanager
async def own_temporal(folder: Path) -> AsyncIterator[EmbeddedTemporal]:
    """A server that keeps its runs in a file."""
    with scratch(folder) as place, EmbeddedTemporal(place, headless=True) as server:
        yield server


async def crash(server: Part, while_down: Callable[[], Awaitable[object]] | None = None) -> None:
    """Kill -9, some seconds of nobody there, and back on the same port; the house goes on living meanwhile."""
    await asyncio.to_thread(server.kill)
    if while_down is not None:
        await while_down()
    await asyncio.sleep(DOWN_SECONDS)
    # from the main thread, whose death the kernel watches for; the house stands still until the server answers
    server.start()
