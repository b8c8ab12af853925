"""What is read with one view is as of one moment, whatever commits meanwhile."""

import pytest
from sqlalchemy import text

from db.engine import Database
from services.operators import add_operator

COUNT = text("select count(*) from operator")


@pytest.mark.parametrize(("one_view", "seen"), [(True, [1, 1]), (False, [1, 2])])
async def test_a_reader_with_one_view_sees_nothing_of_what_commits_meanwhile(
    database: Database, one_view: bool, seen: list[int]
) -> None:
    async def add(name: str) -> None:
        await add_operator(database, organization="Readers", name=name, email=f"{name}@example.test", actor="test")

    added = await add_operator(database, organization="Readers", name="Ada", email="ada@example.test", actor="test")
    async with database.unit_of_work(added.organization_id, actor="test", one_view=one_view) as uow:
        first = (await uow.connection.execute(COUNT)).scalar_one()
        await add("grace")
        assert [first, (await uow.connection.execute(COUNT)).scalar_one()] == seen
