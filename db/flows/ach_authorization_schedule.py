"""Another date for the charges to come: the next charge that is not announced moves, and those after it follow it.

Nacha asks for seven calendar days' notice of another date, ten where the amount varies as well. The charges that are
announced stay where they are; none is left out and none is added.
"""

from datetime import date, timedelta

from db.flows.ach_authorization_charge import plan_periods
from db.flows.ach_authorization_notice import tell_changed_date
from db.flows.ach_authorization_rule import scheduled
from db.flows.base import FlowRow
from db.queries import ach_authorization as queries
from db.queries import ach_authorization_period as periods
from db.unit_of_work import UnitOfWork
from domain.authorization import latest_notice
from domain.calendar import new_york_date
from domain.errors import InvalidInput, StateConflict
from domain.recurrence import charge_date

FIELD = "first_charge_on"


async def change_schedule(uow: UnitOfWork, row: FlowRow, first_on: date, reason: str, *, notice_days: int) -> None:
    """Move the next charge to `first_on`, tell the customer, or refuse by name. The authorization must be locked.

    `period_announced`, `date_change_too_late` (with the first date that is possible), or an invalid date.
    """
    if row["kind"] == "single":
        raise StateConflict("not_recurring", "A single debit has the date that was authorized.")
    today = new_york_date(await uow.business_now())
    await plan_periods(uow, row, today)
    row = await queries.get(uow, row["id"])
    instead_of = scheduled(row, row["next_period"])
    await _require_sense(uow, row, first_on)
    latest = latest_notice(charge_date(first_on), notice_days)
    if today > latest:
        possible = today + timedelta(days=notice_days)
        raise StateConflict(
            "date_change_too_late",
            f"Another date needs {notice_days} days' notice: the first date possible is {possible}.",
            field=FIELD,
        )
    await queries.change(uow, row["id"], "schedule_changed", reason, schedule_from=first_on, next_period=0)
    await tell_changed_date(uow, row, instead_of, first_on, latest)


async def _require_sense(uow: UnitOfWork, row: FlowRow, first_on: date) -> None:
    if first_on < row["starts_on"]:
        raise InvalidInput(FIELD, "Must not be before the date on which the authorization starts.")
    if row["ends_on"] is not None and first_on > row["ends_on"]:
        raise InvalidInput(FIELD, "Must not be after the date on which the authorization ends.")
    planned = await periods.latest(uow, row["id"], 1)
    if planned and first_on <= planned[0]["period_on"]:
        raise StateConflict(
            "period_announced",
            f"The charge of {planned[0]['period_on']} is announced and stays: a changed date is for a later one.",
            field=FIELD,
        )
    if first_on >= scheduled(row, row["next_period"] + 1):
        raise InvalidInput(FIELD, "Must be before the charge after the next one: none is left out.")
