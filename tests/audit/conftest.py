"""A fresh database, and an organization whose units of work write audit rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest

from cli.embedded.postgres import EmbeddedPostgres
from db.audit.verify import ChainReport, verify_chain
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.ids import new_id

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass
class Trail:
    """One organization's audit trail, and the whole chain."""

    database: Database
    owner: Owner
    app_url: str
    organization_id: UUID

    async def write(self, action: str = "thing.changed", **detail: object) -> None:
        async with self.database.unit_of_work(self.organization_id, actor="ada", request_id="req_1") as uow:
            await uow.audit(action, "thing", "7", detail)

    async def seal(self, at_most: int = 10_000) -> int:
        sealed: int = await self.owner.fetchval("select audit.seal($1)", at_most)
        return sealed

    async def verify(self, published_head: bytes | None = None) -> ChainReport:
        return await verify_chain(self.owner, published_head)

    async def tamper(self, statement: str) -> None:
        """Change rows as nobody may: a superuser with the triggers off."""
        async with self.owner.transaction():
            await self.owner.execute("set local session_replication_role = replica")
            done = await self.owner.execute(statement)
            assert not done.endswith(" 0"), f"nothing to tamper with: {statement}"


@asynccontextmanager
async def open_trail(server: EmbeddedPostgres, database_name: str) -> AsyncIterator[Trail]:
    """The trail of a database, and a new organization in it."""
    owner = await asyncpg.connect(server.url(database_name).replace("+asyncpg", ""))
    database = Database(server.app_url(database_name), Keyring.generate())
    organization_id = new_id()
    await owner.execute("insert into organization (id, name) values ($1, 'test')", organization_id)
    yield Trail(database, owner, server.app_url(database_name).replace("+asyncpg", ""), organization_id)
    await database.close()
    await owner.close()


@pytest.fixture
async def trail(migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[Trail]:
    """An empty trail."""
    async with open_trail(migrated, database_name) as opened:
        yield opened
