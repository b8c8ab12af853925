"""Everything that is due for an authorization, done in one transaction from its rows; a repeat finds it done."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.ach_authorization_charge import ChargeTerms, charge_due_periods, follow_up, plan_periods
from db.flows.ach_authorization_notice import send_copy, send_receipts, send_statements, tell_returns
from db.flows.ach_steps import withdraw_entry
from db.queries import ach_authorization as queries
from db.queries import ach_authorization_period as periods
from db.queries import ach_notice as notices
from db.queries import mail as mails
from db.unit_of_work import UnitOfWork
from domain.authorization import ENDED
from domain.calendar import new_york_date, opening_of_business
from domain.errors import StateConflict


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an authorization stands, when to look again and for what, and the mails that are to be sent."""

    state: str
    look_at: datetime | None
    waiting_for: str
    mails: list[UUID]


async def keep(uow: UnitOfWork, authorization_id: UUID, terms: ChargeTerms) -> Standing:
    """Do what is due; `look_at` is None once nothing will ever be due by itself."""
    row: RowMapping = await queries.get(uow, authorization_id, lock=True)
    now = await uow.business_now()
    today = new_york_date(now)
    await notices.mark_sent(uow, authorization_id)
    await send_copy(uow, row, today)
    if row["state"] in ENDED:
        await _withdraw(uow, row)
    await follow_up(uow, row)
    ahead: list[tuple[datetime, str]] = []
    if row["kind"] == "recurring" and row["state"] not in ENDED:
        plan_on = await plan_periods(uow, row, today)
        if plan_on is not None:
            ahead.append((opening_of_business(plan_on), "the notice of the next charge"))
    if row["kind"] == "recurring":
        row = await queries.get(uow, authorization_id)
        charge_at = await charge_due_periods(uow, row, terms)
        if charge_at is not None:
            ahead.append((charge_at, "the next charge"))
    if row["ends_on"] is not None:
        ahead.append((opening_of_business(row["ends_on"] + timedelta(days=1)), "its end"))
    row = await _end_when_used(uow, await queries.get(uow, authorization_id), today)
    await send_receipts(uow, row)
    await tell_returns(uow, row, today)
    if await send_statements(uow, row, today):
        ahead.append((_next_month(today), "the month's statement"))
    if row["state"] in ENDED:
        ahead = [entry for entry in ahead if entry[1] == "the month's statement"]
    ahead = [entry for entry in ahead if entry[0] > now]
    if not ahead and row["state"] not in ENDED:
        ahead.append((now + timedelta(days=30), "a debit"))
    look_at, waiting_for = min(ahead, default=(None, ""))
    return Standing(row["state"], look_at, waiting_for, await mails.pending(uow, queries.FLOW, authorization_id))


async def _withdraw(uow: UnitOfWork, row: RowMapping) -> None:
    """Take back what was made before the end and not handed over."""
    for entry in await periods.lock_pending_debits(uow, row["id"]):
        try:
            await withdraw_entry(uow, entry, f"authorization_{row['state']}", "The authorization has ended.")
        except StateConflict:  # it was handed over before: nobody can take it back
            continue


async def _end_when_used(uow: UnitOfWork, row: RowMapping, today: date) -> RowMapping:
    """End what allows nothing more: a single debit that was made, or the end date that has passed."""
    if row["state"] in ENDED:
        return row
    debits = await periods.live_debits(uow, row["id"])
    pending = any(debit["ach_state"] in (*periods.PENDING, "unknown") for debit in debits)
    expired = row["ends_on"] is not None and today > row["ends_on"]
    if row["kind"] == "single":
        used = bool(debits) or expired
    else:
        used = expired and not await periods.in_states(uow, row["id"], ("planned",))
    if pending or not used:
        return row
    code = "last_debit_made" if debits else "expired"
    await queries.end(uow, row, "ended", "Everything that was authorized is done.", code=code)
    return await queries.get(uow, row["id"])


def _next_month(today: date) -> datetime:
    return opening_of_business((today.replace(day=1) + timedelta(days=31)).replace(day=1))
