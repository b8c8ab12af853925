"""How a unit of work ends: with all that it did, or with an error that says that nothing was done."""

from contextlib import suppress
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from db.engine import Database
from services.operators import add_operator


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
