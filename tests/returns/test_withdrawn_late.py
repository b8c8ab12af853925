"""A debit that waited for the gateway, and may not go out any more, is taken back; nobody tries to send it."""

from typing import Any, cast
from unittest.mock import AsyncMock

from temporalio.testing import ActivityEnvironment

from activities.money_call import MoneyCalls
from activities.money_call_find import Finder
from activities.money_call_send import Sender
from contracts.money_call import MoneyCallResult, PerformMoneyCall
from db.flows import all_flows
from db.queries import ach as entries
from domain.ids import new_id
from tests.returns.desk import Desk


async def created(desk: Desk) -> PerformMoneyCall:
    """A debit of which nothing is recorded yet."""
    account = await desk.account()
    entry_id = new_id()
    async with desk.uow() as uow:
        today = (await uow.business_now()).date()
        row = {"merchant_id": desk.merchant_id, "customer_id": "c", "account_id": account, "sec": "PPD"}
        money = {"type": "DEBIT", "direction": "debit", "amount": 900, "currency": "USD", "ach_state": "created"}
        await entries.add_transaction(uow, {"id": entry_id, "business_date": today, **row, **money})
    return PerformMoneyCall(organization_id=desk.organization_id, flow="ach-debit", flow_id=entry_id, step="debit")


async def recorded(desk: Desk) -> PerformMoneyCall:
    """A debit whose call is recorded and was never sent."""
    ask = await created(desk)
    flow = all_flows(desk.settings)[ask.flow]
    async with desk.uow() as uow:
        planned = await flow.plan(uow, await flow.lock(uow, ask.flow_id), ask.step)
        today = (await uow.business_now()).date()
        await uow.money_calls.record(ask.flow, ask.flow_id, planned, "query", today)
    return ask


async def disable_its_account(desk: Desk, ask: PerformMoneyCall) -> None:
    """As a return does."""
    async with desk.uow() as uow:
        account = (await entries.get_transaction(uow, ask.flow_id))["account_id"]
        await entries.change_account(uow, account, "disabled", is_active=False)


async def perform(desk: Desk, ask: PerformMoneyCall, sender: Any) -> MoneyCallResult:
    calls = MoneyCalls(desk.database, {}, all_flows(desk.settings), cast("Sender", sender), cast("Finder", None))
    result: MoneyCallResult = await ActivityEnvironment().run(calls.perform, ask)
    return result


async def test_what_was_taken_back_just_now_is_read_again_and_not_tried_once_more(desk: Desk) -> None:
    ask, sender = await recorded(desk), AsyncMock()
    await disable_its_account(desk, ask)
    told = await perform(desk, ask, sender)
    assert (told.state, told.code) == ("refused", "cancelled")
    sender.send.assert_not_awaited()
    debit = await desk.transaction(ask.flow_id)
    assert (debit["ach_state"], debit["code"]) == ("canceled", "account_disabled")


async def test_a_debit_that_is_refused_before_it_is_recorded_says_who_mends_that(desk: Desk) -> None:
    ask, sender = await created(desk), AsyncMock()
    await disable_its_account(desk, ask)
    told = await perform(desk, ask, sender)
    assert (told.state, told.code, told.must_act) == ("not_recorded", "account_disabled", "payee")
    debit = await desk.transaction(ask.flow_id)
    assert (debit["ach_state"], debit["code"], debit["must_act"]) == ("canceled", "account_disabled", "payee")
    sender.send.assert_not_awaited()
