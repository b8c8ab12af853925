"""Audit rows: who did what, in the transaction that did it, and nobody changes them."""

import json

import asyncpg
import pytest

from domain.ids import new_id
from tests.audit.conftest import Trail


async def test_a_row_says_who_did_what_to_what(trail: Trail):
    await trail.write(amount=5)
    (row,) = await trail.owner.fetch("select * from audit.entry")
    assert (row["organization_id"], row["actor"], row["request_id"]) == (trail.organization_id, "ada", "req_1")
    assert (row["action"], row["subject_kind"], row["subject_id"]) == ("thing.changed", "thing", "7")
    assert json.loads(row["detail"]) == {"amount": 5}


async def test_a_row_is_gone_with_its_transaction(trail: Trail):
    async with trail.database.unit_of_work(trail.organization_id, actor="ada") as uow:
        await uow.audit("thing.changed", "thing", 7)
        await (await uow.driver()).execute("rollback")
    assert await trail.owner.fetchval("select count(*) from audit.entry") == 0


async def test_work_across_organizations_writes_the_systems_own_rows(trail: Trail):
    async with trail.database.across_organizations(actor="a loop") as uow:
        await uow.audit("swept", "house", "1")
    (row,) = await trail.owner.fetch("select * from audit.entry")
    assert (row["organization_id"], row["actor"], row["request_id"]) == (None, "a loop", None)
    async with trail.database.unit_of_work(trail.organization_id, actor="ada") as uow:
        assert await (await uow.driver()).fetchval("select count(*) from audit.entry") == 0


async def test_nobody_writes_in_another_organizations_name(trail: Trail):
    with pytest.raises(asyncpg.PostgresError) as refused:
        await _forge(trail)
    assert refused.value.sqlstate == "BL007"


async def _forge(trail: Trail) -> None:
    async with trail.database.unit_of_work(trail.organization_id, actor="ada") as uow:
        await (await uow.driver()).execute("select audit.append($1, null, 'forged', 'thing', '7', '{}')", new_id())


@pytest.mark.parametrize("table", ["entry", "seal", "block"])
async def test_nobody_changes_the_trail(trail: Trail, table: str):
    await trail.write()
    await trail.seal()
    application = await asyncpg.connect(trail.app_url)
    column = {"entry": "actor", "seal": "hash", "block": "hash"}[table]
    for statement in (
        f"update audit.{table} set {column} = ''",
        f"delete from audit.{table}",
        f"truncate audit.{table}",
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await trail.owner.execute(statement)
        assert refused.value.sqlstate == "BL009"
        for role in ("bursar_app", "bursar_system"):
            await application.execute(f"set role {role}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await application.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute(f"insert into audit.{table} overriding system value select * from audit.{table}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute("select audit.write(null, 'x', 'x', 'x', 'x', '{}')")
    await application.close()


async def test_the_application_neither_seals_nor_verifies_outside_of_the_systems_role(trail: Trail):
    application = await asyncpg.connect(trail.app_url)
    for call in ("audit.seal()", "audit.verify()"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(f"select {call}")
        async with application.transaction():
            await application.execute("set local role bursar_system")
            await application.execute(f"select {call}")
    await application.close()
