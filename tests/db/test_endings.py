"""How a unit of work ends: with all that it did, or with an error that says that nothing was done."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

import db.engine
from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from services.operators import add_operator
from tests.faults.line import Line, open_line


async def test_an_error_of_the_database_that_was_passed_over_is_no_success(database: Database) -> None:
    added = await add_operator(database, organization="Enders", name="Ada", email="ada@example.test", actor="test")
    with pytest.raises(RuntimeError, match="nothing was committed"):
        await _pass_over(database, added.organization_id)
    async with database.unit_of_work(added.organization_id, actor="test") as uow:
        told = await uow.connection.execute(text("select count(*) from outgoing_event where type = 'test.happened'"))
        assert told.scalar_one() == 0, "and the connection is as good as new"


async def _pass_over(database: Database, organization_id: UUID) -> None:
    async with database.unit_of_work(organization_id, actor="test") as uow:
        await uow.tell("test.happened", "test", "1")
        await uow.write_trail()
        with suppress(asyncpg.PostgresError):
            await uow.bare.execute("select 1/0")


async def test_a_server_that_does_not_answer_keeps_nobody_from_hearing_of_an_error(
    migrated: EmbeddedPostgres, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.engine, "ROLLBACK_SECONDS", 0.2)
    url = urlsplit(migrated.app_url(database_name))
    login, _, there = url.netloc.rpartition("@")
    async with open_line(there) as (line, here):
        through = Database(urlunsplit(url._replace(netloc=f"{login}@{here}")), Keyring.generate(), pool_size=1)
        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(20):
                await _fail_while_held(through, line)
        line.mend()
        async with through.across_organizations(actor="test") as uow:
            assert await uow.business_now(), "the pool has a new connection"
        await through.close()


async def _fail_while_held(database: Database, line: Line) -> None:
    async with database.across_organizations(actor="test"):
        line.hold()
        raise ZeroDivisionError
