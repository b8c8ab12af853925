"""Desks over one database: each test has an organization, a merchant and a terminal of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.ids import new_id
from settings import Settings
from tests.conftest import TEMPLATE, _execute
from tests.lock_order import LockOrder, watched
from tests.returns.desk import Desk


@pytest.fixture(scope="module")
def shared(migrated: EmbeddedPostgres) -> Iterator[tuple[str, Keyring]]:
    """One database for the tests of a file: making one for each would take longer than the tests."""
    name = f"test_{new_id().hex}"
    asyncio.run(_execute(migrated, f"create database {name} template {TEMPLATE} strategy file_copy"))
    yield migrated.app_url(name), Keyring.generate()
    asyncio.run(_execute(migrated, f"drop database {name} with (force)"))


@pytest.fixture
async def database(shared: tuple[str, Keyring]) -> AsyncIterator[Database]:
    """The file's database, with connections of this test's own."""
    opened = Database(*shared)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(database: Database) -> Desk:
    """An organization with a merchant, and the default settings."""
    return await Desk(database, Settings()).open()


@pytest.fixture(autouse=True)
def lock_order(monkeypatch: pytest.MonkeyPatch) -> Iterator[LockOrder]:
    """Every lock of these tests is taken in the one order."""
    with watched(monkeypatch) as order:
        yield order
