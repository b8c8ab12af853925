"""Recurring charges by the calendar: each period once, on its banking day, whatever was late or in the way."""

import asyncio
import calendar
from datetime import date, time

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from db.queries import ach as entries
from db.tables.ach import ach_transaction
from domain.calendar import is_banking_day, new_york_date
from domain.ids import new_id
from domain.money import Money
from domain.recurrence import Frequency, charge_date
from tests.db.ach_authorizations.desk import Desk, days


async def test_two_years_of_month_ends_are_charged_each_once_on_its_banking_day(desk: Desk) -> None:
    year = (await desk.today()).year
    first = date(year, 3, 31)
    authorization = await desk.authorized(first, ends_on=date(year + 2, 3, 30))
    while (standing := await desk.keep(authorization)).look_at is not None and standing.state == "active":
        await desk.answer()
        await desk.send_mails(authorization)
        await desk.keep(authorization)
        await desk.move_to(new_york_date(standing.look_at))
    debits = await desk.debits()
    assert len(debits) == 24
    expected = [date(year + (2 + n) // 12, (2 + n) % 12 + 1, 1) for n in range(24)]
    month_ends = [day.replace(day=calendar.monthrange(day.year, day.month)[1]) for day in expected]
    assert [debit["period_on"] for debit in debits] == month_ends
    assert [debit["business_date"] for debit in debits] == [charge_date(day) for day in month_ends]
    assert all(is_banking_day(debit["business_date"]) for debit in debits)
    assert (await desk.row(authorization))["state"] == "ended"
    assert {period["state"] for period in await desk.periods(authorization)} == {"charged"}
    # all were announced in time, and receipted
    announced = await desk.notices("charge")
    assert [notice["due_on"] for notice in announced] == [charge_date(day) - days(10) for day in month_ends]
    assert all(new_york_date(notice["sent_at"]) <= notice["due_on"] for notice in announced)
    assert len(await desk.notices("receipt")) == 24


async def test_the_charge_waits_for_the_opening_of_business_on_both_sides_of_daylight_saving(desk: Desk) -> None:
    year = (await desk.today()).year
    march = next(date(year, 3, n) for n in range(8, 15) if date(year, 3, n).weekday() == 6)
    authorization = await desk.authorized(march - days(2), frequency=Frequency.WEEKLY, ends_on=march + days(7))
    for number, friday in enumerate((march - days(2), march + days(5)), 1):
        await desk.move_to(friday, time(8, 29))
        standing = await desk.keep(authorization)
        assert len(await desk.debits()) == number - 1
        assert standing.look_at is not None
        assert standing.look_at.hour == (13 if number == 1 else 12)
        await desk.move_to(friday, time(8, 30))
        await desk.keep(authorization)
        assert len(await desk.debits()) == number


async def test_many_workers_at_once_charge_a_period_once(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today())
    await asyncio.gather(*(desk.keep(authorization) for _ in range(8)))
    assert len(await desk.debits()) == 1
    await asyncio.gather(
        *(desk.debit(authorization) for _ in range(4)), *(desk.keep(authorization) for _ in range(4)),
        return_exceptions=True,
    )  # fmt: skip
    assert len(await desk.debits()) == 1


async def test_the_database_itself_refuses_a_second_charge_of_a_period(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today())
    await desk.keep(authorization)
    (debit,) = await desk.debits()
    with pytest.raises(IntegrityError, match="uq_ach_transaction_period"):
        async with desk.work() as uow:
            await uow.connection.execute(insert(ach_transaction).values(**{**debit, "id": new_id()}))


async def test_a_charge_that_is_a_few_days_late_is_made_once_and_an_older_one_waits_for_a_person(desk: Desk) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start + days(7), frequency=Frequency.WEEKLY)
    await desk.keep(authorization)
    await desk.move_to(start + days(7 + 14 + 3))
    await desk.keep(authorization)
    await desk.keep(authorization)
    states = [(period["period_on"] - start, period["state"]) for period in await desk.periods(authorization)]
    assert states[:3] == [(days(7), "missed"), (days(14), "missed"), (days(21), "charged")]
    assert len(await desk.debits()) == 1
    assert await desk.cases() == ["charge_missed"]
    # a person decides, and names the period
    late = await desk.debit(authorization, period_on=start + days(7))
    assert late["period_on"] == start + days(7)
    assert (await desk.periods(authorization))[0]["state"] == "charged"


async def test_periods_of_a_pause_are_skipped_and_never_made_up_for(desk: Desk) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start + days(7), frequency=Frequency.WEEKLY)
    await desk.command(authorization, "pause", reason="on holiday")
    await desk.move_to(start + days(8))
    await desk.keep(authorization)
    await desk.command(authorization, "resume")
    await desk.keep(authorization)
    assert await desk.debits() == []
    await desk.move_to(start + days(14))
    await desk.keep(authorization)
    assert [period["state"] for period in await desk.periods(authorization)][:2] == ["skipped", "charged"]


@pytest.mark.parametrize(
    ("broken", "code"),
    [({"is_active": False}, "account_disabled"), ({"verification_state": "submitted"}, "account_not_verified"),
     ({"prenote_settles_on": None}, "prenote_missing")],
)  # fmt: skip
async def test_an_account_that_cannot_be_debited_pauses_the_authorization_visibly(
    desk: Desk, broken: dict[str, object], code: str
) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start, frequency=Frequency.WEEKLY)
    async with desk.work() as uow:
        await entries.change_account(uow, desk.account_id, "broken", **broken)
    await desk.keep(authorization)
    row = await desk.row(authorization)
    assert (row["state"], row["code"]) == ("paused", code)
    assert await desk.cases() == ["authorization_paused"]
    assert (await desk.periods(authorization))[0]["state"] == "held"
    await desk.move_to(start + days(15))
    await desk.keep(authorization)
    assert await desk.debits() == []


async def test_a_charge_beyond_the_limits_is_held_and_the_authorization_goes_on(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today(), money=Money(2_500_001, "USD"))
    await desk.keep(authorization)
    (period, *_) = await desk.periods(authorization)
    assert (period["state"], period["code"]) == ("held", "limit_exceeded")
    assert (await desk.row(authorization))["state"] == "active"
    assert await desk.cases() == ["charge_held"]


async def test_a_declined_charge_shows_as_failed_and_is_not_tried_again_unasked(desk: Desk) -> None:
    authorization = await desk.authorized(await desk.today())
    await desk.keep(authorization)
    await desk.answer("declined", code="51", message="No funds.")
    await desk.keep(authorization)
    await desk.keep(authorization)
    (period, *_) = await desk.periods(authorization)
    assert (period["state"], period["code"]) == ("failed", "51")
    assert len(await desk.debits()) == 1
    assert await desk.cases() == ["charge_failed"]
    again = await desk.debit(authorization, period_on=period["period_on"])
    assert again["ach_state"] == "created"


async def test_an_unsent_notice_holds_a_variable_charge_and_not_a_fixed_one(desk: Desk) -> None:
    start = await desk.today()
    fixed = await desk.authorized(start + days(10))
    variable = await desk.authorized(start + days(10), least=10_000, most=20_000)
    for authorization in (fixed, variable):
        await desk.keep(authorization)
    await desk.move_to(charge_date(start + days(10)))
    for authorization in (fixed, variable):
        await desk.keep(authorization)
    assert [debit["authorization_id"] for debit in await desk.debits()] == [fixed]
    (held, *_) = await desk.periods(variable)
    assert (held["state"], held["code"]) == ("held", "notice_not_in_time")
    assert "charge_held" in await desk.cases()


async def test_a_variable_charge_goes_out_when_its_notice_was_sent_ten_days_before(desk: Desk) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start + days(10), least=10_000, most=20_000)
    await desk.keep(authorization)
    await desk.send_mails(authorization)
    await desk.keep(authorization)
    await desk.move_to(charge_date(start + days(10)))
    await desk.keep(authorization)
    assert [debit["amount"] for debit in await desk.debits()] == [15_000]


async def test_with_notices_required_of_all_a_fixed_charge_is_held_too(desk: Desk) -> None:
    desk.settings = desk.settings.model_copy(
        update={"authorization": desk.settings.authorization.model_copy(update={"notice_required": "always"})}
    )
    start = await desk.today()
    authorization = await desk.authorized(start + days(14))
    await desk.keep(authorization)
    await desk.move_to(charge_date(start + days(14)))
    await desk.keep(authorization)
    assert await desk.debits() == []


@pytest.mark.parametrize("sent", [True, False])
async def test_a_changed_amount_is_charged_ten_days_after_its_notice_was_sent_and_not_without(
    desk: Desk, *, sent: bool
) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start, frequency=Frequency.WEEKLY)
    await desk.keep(authorization)  # charges today, announces the 7th day
    await desk.command(authorization, "change_amount", amount=17_500)
    row = await desk.row(authorization)
    assert (row["amount"], row["next_amount"], row["next_amount_from"]) == (15_000, 17_500, start + days(10))
    if sent:
        await desk.send_mails(authorization)
    for day in (7, 14, 21):
        await desk.keep(authorization)
        await desk.answer()
        await desk.move_to(charge_date(start + days(day)))
    await desk.keep(authorization)
    amounts = [debit["amount"] for debit in await desk.debits()]
    assert amounts == ([15_000, 15_000, 17_500, 17_500] if sent else [15_000, 15_000])
    (change,) = await desk.notices("amount_changed")
    assert (change["amount"], change["period_on"], change["due_on"]) == (17_500, start + days(10), start)


async def test_a_variable_amount_changes_within_its_range_only_and_never_after_it_was_announced(desk: Desk) -> None:
    start = await desk.today()
    authorization = await desk.authorized(start + days(10), frequency=Frequency.WEEKLY, least=10_000, most=20_000)
    await desk.keep(authorization)
    with pytest.raises(Exception, match="outside the range"):
        await desk.command(authorization, "change_amount", amount=20_001)
    await desk.command(authorization, "change_amount", amount=20_000)
    await desk.move_to(start + days(5))
    await desk.keep(authorization)
    assert [period["amount"] for period in await desk.periods(authorization)] == [15_000, 20_000]
