"""A desk per test: an organization of its own in the one database of this folder."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.ids import new_id
from tests.conftest import TEMPLATE
from tests.money_call.desk import Desk


@pytest.fixture(scope="session")
def shared_database(migrated: EmbeddedPostgres) -> str:
    """Its name. It goes with the server."""
    name = f"money_calls_{new_id().hex}"

    async def create() -> None:
        connection = await asyncpg.connect(_plain(migrated.url("postgres")))
        await connection.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
        await connection.close()

    asyncio.run(create())
    return name


@pytest.fixture
async def desk(migrated: EmbeddedPostgres, shared_database: str) -> AsyncIterator[Desk]:
    database = Database(migrated.app_url(shared_database), Keyring.generate())
    owner = await asyncpg.connect(_plain(migrated.url(shared_database)))
    yield await Desk(database, owner).open()
    await owner.close()
    await database.close()


def _plain(url: str) -> str:
    return url.replace("+asyncpg", "")
