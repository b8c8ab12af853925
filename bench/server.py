"""A PostgreSQL server for one run: on disk, flushed at each commit, with the migrations applied."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench.processor import Processor
from cli.embedded.postgres import EmbeddedPostgres
from cli.migrations import upgrade

SETTINGS: Mapping[str, str] = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}
"""What a production server would have; the three at the end are PostgreSQL's own defaults, said aloud."""

SESSION: Mapping[str, str] = {"timezone": "UTC", "jit": "off"}
"""What the application's own connections set too."""

FOLDER = Path(".bursar/bench")


@dataclass(frozen=True, slots=True)
class Server:
    """A migrated database on a server of its own."""

    postgres: EmbeddedPostgres
    processor: Processor

    @property
    def app_url(self) -> str:
        """For SQLAlchemy, as the application's role: never print it."""
        return self.postgres.app_url()

    async def connect(
        self, *, owner: bool = False, session: Mapping[str, str] = SESSION
    ) -> "asyncpg.Connection[asyncpg.Record]":
        """A plain connection as the application's role, or as the owner."""
        url = self.postgres.url() if owner else self.postgres.app_url()
        return await asyncpg.connect(url.replace("+asyncpg", ""), server_settings={**SESSION, **session})

    async def connections(
        self, count: int, stack: AsyncExitStack, session: Mapping[str, str] = SESSION
    ) -> "list[asyncpg.Connection[asyncpg.Record]]":
        """So many as the application's role; the stack closes them."""
        opened = []
        for _ in range(count):
            opened.append(await self.connect(session=session))
            stack.push_async_callback(opened[-1].close)
        return opened


@asynccontextmanager
async def open_server() -> AsyncIterator[Server]:
    """Started, migrated, and gone afterwards. On the checkout's own disk: a temporary folder may lie in memory."""
    await asyncio.to_thread(FOLDER.mkdir, parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="postgres-", dir=FOLDER) as folder,
        EmbeddedPostgres(Path(folder) / "postgres", settings=SETTINGS) as postgres,
    ):
        await asyncio.to_thread(upgrade, postgres.url())
        yield Server(postgres, Processor(postgres.pid))
