"""Make a debit under an authorization: allowed by it, for one of its periods, once.

Whoever makes one has locked the authorization, and so has whoever hands one over. Who ends an authorization has its
lock, so a debit was made before, or is refused.
"""

from dataclasses import dataclass
from datetime import date
from itertools import count
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.ach_authorization_rule import (
    amount_on,
    require_account_and_sec,
    require_active,
    require_amount,
    scheduled,
)
from db.flows.ach_new_entry import NewEntry, add_entry
from db.flows.base import FlowRow
from db.queries import ach_authorization as queries
from db.queries import ach_authorization_period as periods
from db.unit_of_work import UnitOfWork
from domain.calendar import new_york_date
from domain.errors import InvalidInput, StateConflict
from domain.money import Money
from domain.recurrence import charge_date


@dataclass(frozen=True, slots=True)
class Charge:
    """What is asked for; None is what the authorization says, and the newest period that is due and not charged."""

    authorization_id: UUID
    account_id: UUID | None = None
    sec: str | None = None
    money: Money | None = None
    period_on: date | None = None
    description: str | None = None


async def debit_under(uow: UnitOfWork, ask: Charge) -> RowMapping:
    """Make the debit, or refuse by name. The authorization is locked from here on."""
    authorization = await queries.get(uow, ask.authorization_id, lock=True)
    require_active(authorization)
    require_account_and_sec(
        authorization, ask.account_id or authorization["account_id"], ask.sec or authorization["sec"]
    )
    day = new_york_date(await uow.business_now())
    period_on = await _free_period(uow, authorization, ask.period_on, day)
    period = await periods.get(uow, authorization["id"], period_on)
    announced = None if period is None else int(period["amount"])
    charge_on = charge_date(period_on)
    money = ask.money or Money(announced or amount_on(authorization, charge_on), authorization["currency"])
    if money.currency != authorization["currency"]:
        raise InvalidInput("currency", "The authorization is for another currency.", code="unsupported_currency")
    require_amount(authorization, money.minor_units, announced, charge_on)
    new = NewEntry(
        "DEBIT",
        "debit",
        money,
        authorization["sec"],
        authorization["description"] if ask.description is None else ask.description,
        authorization_id=authorization["id"],
        authorization_basis=authorization["basis"],
        period_on=period_on,
    )
    row = await add_entry(uow, authorization["account_id"], new)
    if authorization["kind"] == "recurring":
        await periods.plan(uow, authorization["id"], period_on, charge_on, money.minor_units)
        await periods.change(
            uow, authorization["id"], period_on, "charged", transaction_id=row["id"], code=None, message=None
        )
    return row


async def _free_period(uow: UnitOfWork, authorization: FlowRow, asked: date | None, day: date) -> date:
    """A period that is due by now and has no debit that was taken, or may still be."""
    if day < authorization["starts_on"]:
        raise StateConflict("authorization_not_started", "The authorization has not started yet.", retry="later")
    taken = {debit["period_on"] for debit in await periods.live_debits(uow, authorization["id"])}
    due = await _due_periods(uow, authorization, day)
    if asked is not None and asked not in due:
        raise InvalidInput("period_on", "Must be a date of the authorization's schedule that is due.", code="no_period")
    if asked in taken:
        raise StateConflict("period_charged", "The period is charged already.", field="period_on")
    free = [period for period in due if period not in taken]
    if not free:
        raise StateConflict(
            "authorization_exhausted",
            "Everything that was authorized up to today is debited.",
            field="authorization_id",
        )
    return asked or free[-1]


async def _due_periods(uow: UnitOfWork, authorization: FlowRow, day: date) -> list[date]:
    """What is planned and due, and what would be planned by now."""
    if authorization["kind"] == "single":
        return [authorization["starts_on"]]
    found = await periods.due_on(uow, authorization["id"], day)
    for number in count(authorization["next_period"]):
        period = scheduled(authorization, number)
        beyond = authorization["ends_on"] is not None and period > authorization["ends_on"]
        if beyond or charge_date(period) > day:
            break
        found.append(period)
    return sorted(set(found))
