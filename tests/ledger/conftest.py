"""An organization with books in a fresh database, and the ways in: unit of work, plain SQL of both roles."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from db.ledger.balance import Balance
from db.ledger.check import check_books
from db.ledger.partner_book import PartnerBook
from db.ledger.report import NotComparable, Report
from domain.ids import new_id
from domain.money_call import LedgerLine

TODAY = date(2026, 11, 20)
BANK = "external:bank"


Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def line(debit: str, credit: str, amount: int) -> LedgerLine:
    """A pair of accounts."""
    return LedgerLine(debit, credit, amount)


@dataclass
class Books:
    """One organization's books; every call is its own unit of work unless it says otherwise."""

    database: Database
    owner: Owner
    app_url: str
    organization_id: UUID = field(default_factory=new_id)
    cash: str = "org:a:cash"
    keys: Any = field(default_factory=count)

    async def open(self) -> "Books":
        await self.owner.execute(
            "insert into organization (id, name) values ($1, $2)", self.organization_id, str(self.organization_id)
        )
        return self

    async def another(self) -> "Books":
        """Another organization's books in the same database."""
        return await Books(self.database, self.owner, self.app_url).open()

    def key(self) -> str:
        return f"key/{next(self.keys)}"

    async def post(self, *lines: LedgerLine, key: str | None = None, **more: Any) -> UUID:
        day = more.pop("day", TODAY)
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.ledger.post(
                key or self.key(), more.pop("kind", "test"), more.pop("currency", "USD"), lines, day, **more
            )

    async def deposit(self, amount: int, account: str | None = None) -> UUID:
        return await self.post(line(BANK, account or self.cash, amount))

    async def hold(self, *lines: LedgerLine, key: str | None = None, **more: Any) -> UUID:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.ledger.hold(
                key or self.key(),
                "test",
                "USD",
                lines,
                TODAY,
                owner_kind=more.get("owner_kind", "reservation"),
                owner_id=more.get("owner_id") or new_id(),
            )

    async def post_hold(self, hold: UUID, key: str | None = None, **more: Any) -> UUID:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.ledger.post_hold(hold, key or self.key(), TODAY, **more)

    async def void_hold(self, hold: UUID, key: str | None = None) -> UUID:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.ledger.void_hold(hold, key or self.key(), TODAY)

    async def balance(self, code: str | None = None) -> Balance:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            return await uow.ledger.balance(code or self.cash, "USD")

    async def posted(self, code: str | None = None) -> int:
        return (await self.balance(code)).posted.minor_units

    async def available(self, code: str | None = None) -> int:
        return (await self.balance(code)).available.minor_units

    async def close_account(self, code: str) -> None:
        async with self.database.unit_of_work(self.organization_id, actor="test") as uow:
            await uow.ledger.close_account(code, "USD")

    async def fold(self) -> int:
        folded: int = await self.owner.fetchval("select ledger.fold()")
        return folded

    async def check(self, *partner_books: PartnerBook | NotComparable) -> Report:
        return await check_books(self.owner, partner_books)

    async def until_waiting(self, count: int) -> None:
        """Return when so many statements about these books wait for a lock."""
        waiting = (
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            " and query like '%ledger.%'"
        )
        while await self.owner.fetchval(waiting) < count:  # noqa: ASYNC110 - it is another process that waits
            await asyncio.sleep(0.01)

    async def connect(self) -> Owner:
        """Plain SQL as the application's own role, in this organization."""
        connection = await asyncpg.connect(self.app_url, server_settings={"timezone": "UTC"})
        await connection.execute("select set_config('bursar.organization_id', $1, false)", str(self.organization_id))
        return connection


@asynccontextmanager
async def open_books(server: EmbeddedPostgres, database_name: str) -> AsyncIterator[Books]:
    """A fresh organization's books in a database."""
    owner = await asyncpg.connect(server.url(database_name).replace("+asyncpg", ""))
    database = Database(server.app_url(database_name), Keyring.generate(), pool_size=24)
    yield await Books(database, owner, server.app_url(database_name).replace("+asyncpg", "")).open()
    await database.close()
    await owner.close()


@pytest.fixture(scope="session")
def shared_database(migrated: EmbeddedPostgres) -> str:
    """One database for all tests that look only at their own organization. It goes with the server."""

    async def create() -> None:
        connection = await asyncpg.connect(migrated.url("postgres").replace("+asyncpg", ""))
        await connection.execute("create database test_ledger template template_bursar strategy file_copy")
        await connection.close()

    asyncio.run(create())
    return "test_ledger"


@pytest.fixture
async def books(migrated: EmbeddedPostgres, shared_database: str) -> AsyncIterator[Books]:
    """A fresh organization's books, in a database with others'."""
    async with open_books(migrated, shared_database) as opened:
        yield opened


@pytest.fixture
async def lone_books(migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[Books]:
    """A fresh organization's books in a database of their own: for tests that fold, count everything or tamper."""
    async with open_books(migrated, database_name) as opened:
        yield opened


@pytest.fixture
async def plain(books: Books) -> AsyncIterator[Owner]:
    """Plain SQL as the application's own role."""
    connection = await books.connect()
    yield connection
    await connection.close()
