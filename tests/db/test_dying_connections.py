"""Connections whose server has said its last word and has not hung up yet: no request fails because of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from sqlalchemy import text

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database

Kill = Callable[[], Awaitable[None]]


class Deaf:
    """A loopback port before a server that passes on all that it says, and never that it hung up."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: list[asyncio.StreamWriter] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        there, back = await asyncio.open_connection(*self._target)
        self._ends += [writer, back]
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(_copy(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def hang_up(self) -> None:
        """Say at last that nobody is there."""
        for end in self._ends:
            end.transport.abort()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()


@pytest.fixture
async def pooled(migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[Database]:
    """A database whose pool has one connection, through a deaf port."""
    url = urlsplit(migrated.app_url(database_name))
    deaf = Deaf(str(url.hostname), url.port or 5432)
    server = await asyncio.start_server(deaf.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    through = url._replace(netloc=f"{url.netloc.rpartition(':')[0]}:{port}")
    opened = Database(urlunsplit(through), Keyring.generate(), pool_size=1)
    yield opened
    deaf.hang_up()
    await opened.close()
    server.close()


@pytest.fixture
def kill(migrated: EmbeddedPostgres, database_name: str) -> Kill:
    """End the server's side of every connection to the database."""

    async def end() -> None:
        owner = await asyncpg.connect(migrated.url(database_name).replace("+asyncpg", ""))
        await owner.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = $1 and pid <> pg_backend_pid()",
            database_name,
        )
        await owner.close()
        await asyncio.sleep(0.1)  # the last word is read

    return end


async def test_an_idle_one_is_replaced(pooled: Database, kill: Kill) -> None:
    async with pooled.across_organizations(actor="test") as uow:
        await uow.business_now()
    await kill()
    async with pooled.across_organizations(actor="test") as uow:
        assert await uow.business_now()


async def test_an_idle_one_is_replaced_for_a_single_call_too(pooled: Database, kill: Kill) -> None:
    assert await pooled.call("select business_now()")
    await kill()
    assert await pooled.call("select business_now()")


async def test_in_a_single_call_it_is_an_outage_and_no_fault(
    migrated: EmbeddedPostgres, database_name: str, kill: Kill
) -> None:
    database = Database(migrated.app_url(database_name), Keyring.generate(), pool_size=1)
    assert await database.call("select business_now()")
    calling = asyncio.create_task(database.call("select pg_sleep(20)"))
    await asyncio.sleep(0.3)
    await kill()
    with pytest.raises(ConnectionResetError):
        await calling
    assert await database.call("select business_now()")
    await database.close()


async def test_in_a_transaction_it_is_an_outage_and_no_fault(pooled: Database, kill: Kill) -> None:
    with pytest.raises(ConnectionResetError):
        async with pooled.across_organizations(actor="test"):
            await kill()
    with pytest.raises(ConnectionResetError):
        await _die_before_a_statement(pooled, kill)
    async with pooled.across_organizations(actor="test") as uow:
        assert await uow.business_now()


async def _die_before_a_statement(pooled: Database, kill: Kill) -> None:
    async with pooled.across_organizations(actor="test") as uow:
        await kill()
        await uow.connection.execute(text("select 1"))
