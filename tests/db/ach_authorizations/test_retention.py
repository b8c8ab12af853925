"""Authorizations are kept for five years after their end, whoever asks the database to delete them."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import asyncpg
import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from cli.embedded.postgres import EmbeddedPostgres
from db.queries import ach_authorization as queries
from db.tables.ach_authorization import ach_authorization
from tests.db.ach_authorizations.desk import Desk, days


@pytest.fixture
async def owner(migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[Any]:
    """The owner of the tables, whom no grant stops."""
    connection = await asyncpg.connect(migrated.url(database_name).replace("+asyncpg", ""))
    yield connection
    await connection.close()


async def test_nobody_deletes_an_authorization_until_five_years_after_its_end(desk: Desk, owner: Any) -> None:
    authorization = await desk.authorized(await desk.today())
    history = "delete from ach_authorization_change where authorization_id = $1"
    for statement in (history, "delete from ach_authorization where id = $1"):
        with pytest.raises(asyncpg.PostgresError, match="kept"):
            await owner.execute(statement, authorization)
    await desk.command(authorization, "cancel", reason="stop")
    ended = await desk.today()
    row = await desk.row(authorization)
    assert row["retain_until"] == date(ended.year + 5, ended.month, ended.day)
    await desk.move_to(row["retain_until"])
    with pytest.raises(asyncpg.PostgresError, match="five years"):
        await owner.execute("delete from ach_authorization where id = $1", authorization)
    await desk.move_to(row["retain_until"] + days(1))
    await owner.execute(history, authorization)
    await owner.execute("delete from ach_authorization where id = $1", authorization)


async def test_the_application_may_not_delete_at_all(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today())
    with pytest.raises(DBAPIError, match="permission denied"):
        async with desk.work() as uow:
            await uow.connection.execute(delete(ach_authorization).where(ach_authorization.c.id == authorization))


async def test_what_has_ended_stays_ended_and_is_kept_as_long_as_said(desk: Desk, owner: Any) -> None:
    authorization = await desk.authorized(await desk.today())
    await desk.command(authorization, "cancel", reason="stop")
    for change in ("state = 'active', ended_at = null, retain_until = null", "retain_until = current_date"):
        with pytest.raises(asyncpg.PostgresError, match="stays so"):
            await owner.execute(f"update ach_authorization set {change} where id = $1", authorization)
    other = await desk.authorized(await desk.today())
    with pytest.raises(DBAPIError, match="five years"):
        async with desk.work() as uow:
            await uow.connection.execute(
                update(ach_authorization)
                .where(ach_authorization.c.id == other)
                .values(state="ended", ended_at=await uow.business_now(), retain_until=await desk.today())
            )


async def test_every_change_is_in_its_history_with_who_and_why(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today())
    await desk.command(authorization, "pause", reason="on holiday")
    await desk.command(authorization, "resume")
    await desk.command(authorization, "change_amount", amount=20_000, reason="new teacher")
    await desk.command(authorization, "cancel", reason="stop")
    async with desk.work() as uow:
        history = await queries.history(uow, authorization)
    assert [(row["action"], row["reason"]) for row in history] == [
        ("created", ""),
        ("paused", "on holiday"),
        ("resumed", ""),
        ("amount_announced", "new teacher"),
        ("cancelled", "stop"),
    ]
    assert {row["actor"] for row in history} == {"test"}
    with pytest.raises(DBAPIError, match="permission denied"):
        async with desk.work() as uow:
            await uow.connection.exec_driver_sql("update ach_authorization_change set reason = 'another'")
