"""What seldom happens to a debit and its void: words that contradict each other, and what a person makes of them."""

from uuid import UUID

import pytest
from sqlalchemy import select

from activities.money_call_settle import Settler
from db.flows import all_flows
from db.queries import money_call as money_calls
from db.tables.case_file import case_file
from db.tables.event import workflow_outbox
from domain.errors import ContradictionOpen
from domain.ids import new_id
from domain.money_call import MoneyCall, Outcome
from domain.principal import Principal
from services import ach_void
from services.case_file import close
from tests.returns.desk import Desk
from tests.returns.test_returns import SETTLED

ON_ITS_WAY = {"uncleared": 15_000, "cash": 0, "in_transit": 15_000, "bank": 0}


async def call_of(desk: Desk, flow: str, flow_id: UUID, step: str) -> MoneyCall:
    """The money call of an entry."""
    async with desk.uow() as uow:
        call = await money_calls.of_step(uow, flow, flow_id, step, 1)
    assert call is not None
    return call


async def test_a_void_of_a_debit_that_went_out_all_the_same_is_undone_and_a_person_is_told(desk: Desk) -> None:
    """The gateway says 00 to the void, and its feed says that the debit was on its way before the answer was read."""
    debit = await desk.entry()
    void = await desk.entry(debit.account_id, applied=False, type="VOID", parent_transaction_id=debit.id)
    await desk.moved(debit, "originated")
    await desk.process()
    await desk.answered(await call_of(desk, "ach-void", void.id, "void"), "09LMQVOIDED00000001")
    assert await desk.cases() == ["void_without_effect"]
    assert (await desk.transaction(debit.id))["ach_state"] == "originated"
    assert await desk.balances() == ON_ITS_WAY
    await desk.moved(debit, "settled")
    await desk.process()
    assert await desk.balances() == SETTLED


async def test_a_contradiction_blocks_the_void_until_a_person_has_closed_it(desk: Desk) -> None:
    debit = await desk.entry()
    call = await call_of(desk, "ach-debit", debit.id, "debit")
    settler = Settler(desk.database, all_flows(desk.settings), deadline_seconds=5)
    denied = Outcome("refused", "05", "DECLINE", must_act="payee")
    assert not await settler.settle(call, denied, by="event"), "what was said first stands"
    assert await desk.cases() == ["contradiction"]

    async def void() -> None:
        async with desk.uow() as uow:
            await ach_void.void(uow, desk.settings, debit.id, None, "entered twice")

    with pytest.raises(ContradictionOpen):
        await void()
    asker = Principal(desk.organization_id, desk.operator_id, new_id(), frozenset({"*"}), "req")
    async with desk.uow() as uow:
        [case] = await uow.all(select(case_file.c.id).where(case_file.c.state == "open"))
        await close(uow, all_flows(desk.settings), asker, case["id"], "the gateway's support: it was taken")
        await uow.write_trail()
        woken = await uow.all(select(workflow_outbox.c.workflow_id).where(workflow_outbox.c.kind == "wake"))
    assert f"ach-debit/{debit.id}" in {row["workflow_id"] for row in woken}, "what waited for it looks again"
    await void()
    assert await desk.cases() == []
