"""A desk whose clock stands at nine in the morning, New York, of the first Tuesday of a February.

One database serves a module: each test has an organization of its own, and a later year, as the clock never goes back.
"""

import asyncio
from collections.abc import Iterator
from datetime import date

import pytest

from cli.embedded.postgres import EmbeddedPostgres
from db.engine import Database
from domain.ids import new_id
from services.operators import add_operator
from settings import Settings
from tests.conftest import fresh_database
from tests.db.ach_authorizations.desk import Desk
from tests.lock_order import LockOrder, watched


@pytest.fixture(scope="module")
def database_name(migrated: EmbeddedPostgres) -> Iterator[str]:
    """A migrated database, dropped after the module."""
    with asyncio.Runner() as runner:
        opened = fresh_database(migrated)
        yield runner.run(opened.__aenter__())
        runner.run(opened.__aexit__(None, None, None))


@pytest.fixture
def rules(migrated: EmbeddedPostgres, database_name: str) -> Settings:
    """The settings' defaults."""
    return Settings.model_validate(
        {
            "mode": "external",
            "database": {"url": migrated.app_url(database_name)},
            "temporal": {"address": "127.0.0.1:9"},
            "limits": {"per_day": 100_000_000},
        }
    )


@pytest.fixture
async def desk(database: Database, rules: Settings) -> Desk:
    """One merchant, one verified account, and a morning of a banking day."""
    name = new_id().hex
    added = await add_operator(database, organization=name, name="Ada", email=f"{name}@example.test", actor="test")
    desk = Desk(database, added.organization_id, rules)
    await desk.begin()
    year = (await desk.today()).year + 1
    await desk.move_to(next(day for day in (date(year, 2, n) for n in range(1, 8)) if day.weekday() == 1))
    return desk


@pytest.fixture(autouse=True)
def lock_order(monkeypatch: pytest.MonkeyPatch) -> Iterator[LockOrder]:
    """Every lock of these tests is taken in the one order."""
    with watched(monkeypatch) as order:
        yield order
