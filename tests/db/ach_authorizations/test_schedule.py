"""Another date for the charges: announced ones stay, the next one moves, the customer is told seven days before."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.tables.event import outgoing_event
from domain.authorization import date_notice_days
from domain.calendar import new_york_date
from domain.errors import InvalidInput, StateConflict
from domain.recurrence import Frequency, charge_date
from tests.db.ach_authorizations.desk import Desk, days


async def _to(desk: Desk, day: date) -> None:
    if await desk.today() < day:
        await desk.move_to(day)


async def _month(desk: Desk, authorization, until: date) -> None:
    """Look whenever something is due, with a gateway and a mail server that answer, up to a date."""
    while True:
        standing = await desk.keep(authorization)
        await desk.send_mails(authorization)
        await desk.answer()
        standing = await desk.keep(authorization)
        if standing.look_at is None or new_york_date(standing.look_at) > until:
            break
        await _to(desk, new_york_date(standing.look_at))
    await _to(desk, until)


async def test_the_next_charge_moves_with_seven_days_notice_and_those_after_it_follow_to_month_ends(desk: Desk) -> None:
    start = (await desk.today()).replace(day=5)  # a February
    year = start.year
    authorization = await desk.authorized(start)
    await _month(desk, authorization, date(year, 2, 10))
    await desk.command(authorization, "change_schedule", first_charge_on=f"{year}-03-31", reason="paid at month's end")
    row = await desk.row(authorization)
    assert (row["schedule_from"], row["starts_on"], row["next_period"]) == (date(year, 3, 31), start, 0)
    (notice,) = await desk.notices("date_changed")
    assert notice["due_on"] == charge_date(date(year, 3, 31)) - days(7)
    assert notice["mail_id"] is not None
    async with desk.work() as uow:
        told = {row["type"] for row in await uow.all(outgoing_event.select())}
    assert {"ach_authorization.schedule_changed", "ach_authorization.notice_written"} <= told
    await _month(desk, authorization, date(year, 7, 5))
    ends = [date(year, 3, 31), date(year, 4, 30), date(year, 5, 31), date(year, 6, 30)]
    assert [debit["period_on"] for debit in await desk.debits()] == [start, *ends]
    assert [debit["business_date"] for debit in await desk.debits()][1:] == [charge_date(day) for day in ends]
    assert {period["state"] for period in await desk.periods(authorization) if period["period_on"] <= ends[-1]} == {
        "charged"
    }
    assert await desk.cases() == []


async def test_what_comes_too_late_or_makes_no_sense_is_refused_by_name(desk: Desk) -> None:
    start = (await desk.today()).replace(day=10)
    year = start.year
    authorization = await desk.authorized(start, ends_on=date(year, 12, 10))
    await _month(desk, authorization, date(year, 3, 10) - days(10))
    # the charge of March 10 is announced by now
    assert [period["period_on"].month for period in await desk.periods(authorization)] == [2, 3]
    for first, error, code in (
        (date(year, 3, 9), StateConflict, "period_announced"),
        (date(year, 3, 10), StateConflict, "period_announced"),
        (date(year, 5, 10), InvalidInput, "invalid_input"),
        (date(year + 1, 1, 1), InvalidInput, "invalid_input"),
        (start - days(1), InvalidInput, "invalid_input"),
    ):
        with pytest.raises(error) as refused:
            await desk.command(authorization, "change_schedule", first_charge_on=first.isoformat())
        assert refused.value.code == code, first
    for nothing in ("", "tomorrow", None):
        with pytest.raises(InvalidInput):
            await desk.command(authorization, "change_schedule", first_charge_on=nothing)
    assert (await desk.row(authorization))["schedule_from"] is None

    first = charge_date(date(year, 3, 14))
    await desk.move_to(first - days(6))
    with pytest.raises(StateConflict, match=f"the first date possible is {first + days(1)}") as refused:
        await desk.command(authorization, "change_schedule", first_charge_on=first.isoformat())
    assert refused.value.code == "date_change_too_late"
    # one day later is in time, and may be changed once more before it comes
    await desk.command(authorization, "change_schedule", first_charge_on=(first + days(6)).isoformat())
    await desk.command(authorization, "change_schedule", first_charge_on=(first + days(9)).isoformat())
    assert len(await desk.notices("date_changed")) == 2
    once = await desk.authorized(date(year, 3, 20), frequency=None)
    with pytest.raises(StateConflict, match="single debit"):
        await desk.command(once, "change_schedule", first_charge_on=first.isoformat())
    await desk.command(authorization, "cancel")
    with pytest.raises(StateConflict, match="it stays so"):
        await desk.command(authorization, "change_schedule", first_charge_on=date(year, 4, 20).isoformat())


async def test_a_moved_charge_whose_notice_was_not_sent_in_time_is_held_and_the_next_one_is_made(desk: Desk) -> None:
    start = (await desk.today()).replace(day=10)
    year = start.year
    authorization = await desk.authorized(start, frequency=Frequency.MONTHLY)
    await _month(desk, authorization, date(year, 2, 20))
    await desk.command(authorization, "change_schedule", first_charge_on=f"{year}-03-20")
    while True:  # nobody sends mail
        standing = await desk.keep(authorization)
        if standing.look_at is None or new_york_date(standing.look_at) > date(year, 3, 24):
            break
        await desk.move_to(new_york_date(standing.look_at))
    by_date = {period["period_on"]: period for period in await desk.periods(authorization)}
    assert (by_date[date(year, 3, 20)]["state"], by_date[date(year, 3, 20)]["code"]) == ("held", "notice_not_in_time")
    assert await desk.cases() == ["charge_held"]
    await _month(desk, authorization, date(year, 4, 24))
    assert [debit["period_on"] for debit in await desk.debits()] == [start, date(year, 4, 20)]
    # the held one may be charged by an operator, and no date of the old schedule
    made = await desk.debit(authorization, period_on=date(year, 3, 20))
    assert made["period_on"] == date(year, 3, 20)
    with pytest.raises(InvalidInput):
        await desk.debit(authorization, period_on=date(year, 3, 10))


async def test_where_the_amount_varies_the_notice_is_ten_days(desk: Desk) -> None:
    assert date_notice_days("fixed", "variable") == date_notice_days("fixed", "never") == 7
    assert date_notice_days("variable", "variable") == date_notice_days("fixed", "always") == 10
    start = (await desk.today()) + days(12)
    fixed = await desk.authorized(start, frequency=Frequency.MONTHLY)
    varies = await desk.authorized(start, frequency=Frequency.MONTHLY, most=20_000)
    for authorization in (fixed, varies):
        await desk.keep(authorization)
    moved = charge_date(start + days(5))
    await desk.move_to(moved - days(8))
    first = {"first_charge_on": moved.isoformat()}
    await desk.command(fixed, "change_schedule", **first)
    with pytest.raises(StateConflict, match="needs 10 days' notice") as refused:
        await desk.command(varies, "change_schedule", **first)
    assert refused.value.code == "date_change_too_late"
    await desk.command(varies, "change_schedule", first_charge_on=charge_date(moved + days(2)).isoformat())
    assert [notice["due_on"] for notice in await desk.notices("date_changed")] == [
        moved - days(7),
        charge_date(moved + days(2)) - days(10),
    ]


async def test_the_database_keeps_what_is_announced_where_it_is(desk: Desk) -> None:
    start = (await desk.today()).replace(day=10)
    authorization = await desk.authorized(start)
    await desk.keep(authorization)
    for statement, said in (
        ("schedule_from = '2020-01-01'", "within what was authorized"),
        ("schedule_from = starts_on", "does not move"),
        ("next_period = 0", "planned once"),
        ("schedule_from = starts_on + 40, starts_on = starts_on + 1", "does not change"),
    ):
        with pytest.raises(DBAPIError, match=said):
            async with desk.work() as uow:
                await uow.connection.execute(
                    text(f"update ach_authorization set {statement} where id = :id"), {"id": authorization}
                )
