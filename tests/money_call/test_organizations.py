"""Another organization's call is invisible, and no function changes it."""

import asyncpg
import pytest
from sqlalchemy import select

from db.queries import money_call as queries
from db.tables.money_call import money_call, money_call_send
from domain.errors import EvidenceMismatch, LedgerError, StaleToken
from tests.money_call.desk import APPLIED, REFUSED, SHORT, TODAY, Desk


async def test_another_organizations_call_is_invisible(desk: Desk) -> None:
    call = await desk.taken(await desk.record())
    other = await desk.another()
    async with desk.database.unit_of_work(other.organization_id, actor="test") as uow:
        assert await queries.get(uow, call.id) is None
        assert await queries.get(uow, call.id, lock=True) is None
        assert await queries.of_step(uow, "test-flow", desk.flow_id, "pay", 1) is None
        assert await uow.all(select(money_call)) == []
        assert await uow.all(select(money_call_send)) == []


async def test_no_function_changes_another_organizations_call(desk: Desk) -> None:
    other = await desk.another()
    recorded = await desk.in_state("recorded")
    sending = await desk.in_state("sending")
    doubtful = await desk.propose(await desk.in_state("needs_person"))
    applied = await desk.in_state("applied")
    assert await other.begin(recorded) is None
    for refused, attempt in (
        (StaleToken, other.not_sent(sending)),
        (StaleToken, other.in_doubt(sending)),
        (StaleToken, other.settle(sending, APPLIED)),
        (StaleToken, other.settle(sending, REFUSED, "find")),
        (StaleToken, other.settle(sending, APPLIED, "event")),
        (StaleToken, other.settle(recorded, REFUSED, "cancel")),
        (StaleToken, other.propose(doubtful, operator=other.first)),
        (StaleToken, other.returned(applied)),
    ):
        with pytest.raises(refused):
            await attempt
    with pytest.raises((StaleToken, EvidenceMismatch)):
        await other.settle(doubtful, APPLIED, "person", operator_id=desk.second, proposal_hash=doubtful.proposal_hash)
    for call in (recorded, sending, doubtful, applied):
        assert (await desk.read(call)).state == call.state


async def test_a_call_is_recorded_for_the_unit_of_works_own_organization_only(desk: Desk) -> None:
    other = await desk.another()
    call = desk.new()

    async def record() -> None:
        async with desk.database.unit_of_work(other.organization_id, actor="test") as uow:
            uow._organization_id = desk.organization_id
            await uow.money_calls.record("test-flow", desk.flow_id, call, "query", TODAY)

    with pytest.raises(LedgerError):
        await record()


async def test_without_an_organization_nothing_is_seen(desk: Desk) -> None:
    await desk.taken(await desk.record(), window=SHORT)
    async with desk.database.engine.connect() as connection:
        assert (await connection.execute(select(money_call.c.id))).all() == []


async def test_loops_that_cross_organizations_see_all(desk: Desk) -> None:
    call, other = await desk.record(), await (await desk.another()).record()
    async with desk.database.across_organizations(actor="test") as uow:
        seen = {row["id"] for row in await queries.open_calls(uow, older_than_seconds=0)}
    assert {call.id, other.id} <= seen


async def test_the_functions_inner_parts_are_out_of_reach(desk: Desk) -> None:
    call = await desk.in_state("needs_person")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await desk.plain_sql("select money_call_learned(m, '{\"a\": 1}') from money_call m where id = $1", call.id)
