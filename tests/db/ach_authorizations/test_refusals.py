"""What an authorization does not allow is refused by name, at once, and again when the debit is handed over."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from db.flows import all_flows
from db.queries import ach as entries
from db.queries import money_call as money_calls
from db.tables.ach_authorization import ach_authorization
from domain.errors import BursarError
from domain.money import Money
from domain.money_call import NewMoneyCall
from domain.recurrence import Frequency
from tests.db.ach_authorizations.desk import Desk, days


async def refusal(asked: Any) -> str:
    """The code of the error that this must raise."""
    with pytest.raises(BursarError) as caught:
        await asked
    return caught.value.code


async def planned(desk: Desk, debit_id: Any) -> NewMoneyCall:
    """What the debit's flow would hand over now."""
    flow = all_flows(desk.settings)["ach-debit"]
    async with desk.work() as uow:
        return await flow.plan(uow, await flow.lock(uow, debit_id), "debit")


@pytest.mark.parametrize("end", ["cancel", "pause", "revoke"])
async def test_a_cancelled_paused_or_revoked_authorization_refuses_new_debits_and_those_not_handed_over(
    desk: Desk, end: str
) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start, frequency=Frequency.WEEKLY)
    debit = await desk.debit(authorization)
    if end == "revoke":
        assert await desk.revoke(authorization)
        assert not await desk.revoke(authorization), "it had ended already"
    else:
        await desk.command(authorization, end, reason="the customer called")
    code = "authorization_" + {"cancel": "cancelled", "pause": "paused", "revoke": "revoked"}[end]
    assert await refusal(desk.debit(authorization)) == code
    assert await refusal(planned(desk, debit["id"])) == code
    await desk.move_to(start + days(7))
    await desk.keep(authorization)
    if end != "pause":
        assert [row["ach_state"] for row in await desk.debits()] == ["canceled"], "taken back, never handed over"
        assert await refusal(desk.command(authorization, "resume")) == code


async def test_another_account_sec_code_amount_or_currency_is_refused_by_name(desk: Desk) -> None:
    other = await desk.stored_account()
    fixed = await desk.authorized(await desk.today())
    variable = await desk.authorized(await desk.today() + days(10), least=10_000, most=20_000)
    assert await refusal(desk.debit(fixed, account_id=other)) == "account_not_authorized"
    assert await refusal(desk.debit(fixed, sec="WEB")) == "sec_not_authorized"
    assert await refusal(desk.debit(fixed, money=Money(15_001, "USD"))) == "amount_not_authorized"
    assert await refusal(desk.debit(fixed, money=Money(15_000, "EUR"))) == "unsupported_currency"
    assert await refusal(desk.debit(variable)) == "authorization_not_started"
    assert await refusal(desk.debit(fixed, period_on=await desk.today() + days(1))) == "no_period"
    await desk.debit(fixed)
    assert await refusal(desk.debit(fixed)) == "authorization_exhausted"
    assert await refusal(desk.debit(fixed, period_on=await desk.today())) == "period_charged"


async def test_a_debit_whose_amount_was_tampered_with_is_not_handed_over(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today())
    debit = await desk.debit(authorization)
    assert (await planned(desk, debit["id"])).money == Money(15_000, "USD")
    other = await desk.authorized(await desk.today(), money=Money(14_000, "USD"))
    second = await desk.debit(other)
    async with desk.work() as uow:
        await entries.change_transaction(uow, second["id"], "tampered", authorization_id=authorization, period_on=None)
    assert await refusal(planned(desk, second["id"])) == "amount_not_authorized"


async def test_a_single_authorization_allows_one_debit_and_ends_with_it(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today(), frequency=None)
    first = await desk.debit(authorization)
    assert await refusal(desk.debit(authorization)) == "authorization_exhausted"
    await desk.keep(authorization)
    assert (await desk.row(authorization))["state"] == "active", "the debit is not handed over yet"
    await planned(desk, first["id"])
    async with desk.work() as uow:
        await entries.change_transaction(
            uow, first["id"], "accepted", ach_state="accepted", processed_at=await uow.business_now()
        )
    await desk.keep(authorization)
    assert (await desk.row(authorization))["state"] == "ended"
    assert await refusal(desk.debit(authorization)) == "authorization_ended"


async def test_a_single_debit_that_was_declined_may_be_made_again(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today(), frequency=None)
    await desk.debit(authorization)
    await desk.answer("declined", code="51")
    await desk.keep(authorization)
    await desk.debit(authorization)
    assert len(await desk.debits()) == 2


async def test_cancelling_against_charges_that_are_made_and_handed_over_lets_none_pass_afterwards(desk: Desk) -> None:
    flow = all_flows(desk.settings)["ach-debit"]

    async def hand_over(debit_id: Any) -> None:
        async with desk.work() as uow:
            row = await flow.lock(uow, debit_id)
            new = await flow.plan(uow, row, "debit")
            await uow.money_calls.record("ach-debit", debit_id, new, "query", (await uow.business_now()).date())

    for _ in range(6):
        authorization = await desk.authorized(await desk.today(), frequency=Frequency.WEEKLY)
        debit = await desk.debit(authorization)
        done = await asyncio.gather(
            hand_over(debit["id"]),
            desk.command(authorization, "cancel", reason="stop"),
            desk.keep(authorization),
            return_exceptions=True,
        )
        assert done[1] is None, "a cancellation is always honoured"
        if isinstance(done[2], BaseException):
            raise done[2]
        await desk.keep(authorization)
        async with desk.work() as uow:
            row = await entries.get_transaction(uow, debit["id"])
            call = await money_calls.of_step(uow, "ach-debit", debit["id"], "debit", 1)
        assert row["ach_state"] == "canceled", (row["ach_state"], done)
        assert call is None or (call.state, call.code) == ("refused", "cancelled"), "recorded before, taken back unsent"


async def test_an_authorization_needs_the_basis_of_its_sec_code(desk: Desk) -> None:
    start = await desk.today()
    company = await desk.stored_account(sec="CCD")
    assert await refusal(desk.authorized(start, basis="internet")) == "wrong_basis"
    assert await refusal(desk.authorized(start, sec="WEB", basis="written")) == "wrong_basis"
    assert await refusal(desk.authorized(start, sec="TEL", basis="oral_written_notice")) == "wrong_basis"
    assert await refusal(desk.authorized(start, sec="CCD", basis="agreement")) == "wrong_sec"
    assert await refusal(desk.authorized(start, account_id=company)) == "wrong_sec"
    assert (await desk.row(await desk.authorized(start, sec="CCD", account_id=company)))["basis"] == "agreement"
    one_off = await desk.authorized(start, sec="TEL", basis="oral_written_notice", frequency=None)
    assert (await desk.row(one_off))["kind"] == "single"


async def test_nobody_authorizes_debits_of_an_account_that_a_return_disabled_for_good(desk: Desk) -> None:
    start = await desk.today()
    account = await desk.stored_account()
    async with desk.work() as uow:
        await entries.change_account(uow, account, "entry_returned", is_active=False, hold_code="R11")
    assert await desk.authorized(start, account_id=account), "a hold may be released"
    async with desk.work() as uow:
        await entries.change_account(uow, account, "entry_returned", is_active=False, hold_code=None)
    assert await refusal(desk.authorized(start, account_id=account)) == "account_disabled"


async def test_what_makes_no_sense_is_refused_when_it_is_put_on_record(desk: Desk) -> None:
    start = await desk.today()
    assert await refusal(desk.authorized(start - days(1))) == "invalid_input"
    assert await refusal(desk.authorized(start, ends_on=start - days(1))) == "invalid_input"
    assert await refusal(desk.authorized(start, money=Money(100, "EUR"))) == "unsupported_currency"
    assert await refusal(desk.authorized(start + days(20), least=20_000, most=10_000)) == "invalid_input"
    assert await refusal(desk.authorized(start + days(20), least=1, most=10_000)) == "amount_not_authorized"
    assert await refusal(desk.authorized(start + days(9), most=20_000)) == "too_early"


@pytest.mark.parametrize(
    "changed", [{"evidence_hash": "cd" * 32}, {"amount_max": 99_999}, {"cancellation_terms": "none"}]
)
async def test_what_was_agreed_does_not_change_whoever_writes(desk: Desk, changed: dict[str, Any]) -> None:
    authorization = await desk.authorized(await desk.today() + days(10), most=20_000)
    with pytest.raises(Exception, match="what was authorized does not change"):
        async with desk.work() as uow:
            await uow.connection.execute(
                update(ach_authorization).where(ach_authorization.c.id == authorization).values(**changed)
            )
