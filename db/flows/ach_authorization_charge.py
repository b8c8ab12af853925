"""Plan the periods of a recurring authorization, and charge those that are due.

The policy for what does not go as planned, each visible on the period, none tried for ever:

- a period that falls into a pause is `skipped`, as is what was planned when the authorization ended, at once;
- one that nobody could charge on its day (downtime) is charged up to `catch_up_days` late, later it is `missed`;
- one whose notice was not sent in time, where it must be, and one that passes a limit is `held`;
- where the account cannot be debited the period is `held` and the authorization is paused.

An operator may charge a held, missed, skipped or failed period through the API. Each but `skipped` opens a case.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from db.flows.ach_authorization_notice import announce_charge, charge_cause
from db.flows.ach_authorization_rule import amount_on, scheduled
from db.flows.ach_authorized_debit import Charge, debit_under
from db.flows.base import FlowRow
from db.queries import ach_authorization as queries
from db.queries import ach_authorization_period as periods
from db.queries import ach_notice as notices
from db.unit_of_work import UnitOfWork
from domain.authorization import ENDED, AuthorizationState, date_notice_days, latest_notice
from domain.calendar import new_york_date, opening_of_business
from domain.errors import LimitExceeded, StateConflict
from domain.recurrence import charge_date

WRITTEN_AHEAD = timedelta(days=2)
"""A notice is written this long before it is due, so that a mail server may be away for a while."""


@dataclass(frozen=True, slots=True)
class ChargeTerms:
    """What the settings say: whose notices must have been sent, and how many days late a charge may be."""

    notice_required: Literal["always", "variable", "never"]
    catch_up_days: int


async def plan_periods(uow: UnitOfWork, authorization: FlowRow, today: date) -> date | None:
    """Plan the periods whose notice is to be written; returns the date on which to plan the next, None after the last.

    The amount of a period stands from here on: a change that is announced later is for later ones.
    """
    number = authorization["next_period"]
    while True:
        period_on = scheduled(authorization, number)
        if authorization["ends_on"] is not None and period_on > authorization["ends_on"]:
            due = None
            break
        charge_on = charge_date(period_on)
        due = latest_notice(charge_on) - WRITTEN_AHEAD
        if due > today:
            break
        amount = amount_on(authorization, charge_on)
        await periods.plan(uow, authorization["id"], period_on, charge_on, amount)
        if amount != authorization["amount"]:
            await queries.take_next_amount(uow, authorization)
            authorization = await queries.get(uow, authorization["id"])
        number += 1
    if number != authorization["next_period"]:
        await queries.planned_up_to(uow, authorization["id"], number)
    return due


async def follow_up(uow: UnitOfWork, authorization: FlowRow) -> None:
    """Charges that certainly did not happen are shown as failed, for a person: nobody tries them again unasked."""
    for failed in await periods.failed_charges(uow, authorization["id"]):
        await periods.change(
            uow,
            authorization["id"],
            failed["period_on"],
            "failed",
            code=failed["code"] or failed["ach_state"],
            message=failed["message"],
        )
        if authorization["state"] not in ENDED:
            await _case(uow, authorization, failed["period_on"], "charge_failed", failed["code"] or failed["ach_state"])


async def charge_due_periods(uow: UnitOfWork, authorization: FlowRow, terms: ChargeTerms) -> datetime | None:
    """Charge what is due, and announce what is not yet; returns when the next planned period is due.

    The authorization must be locked. It may be paused by what is found.
    """
    now = await uow.business_now()
    today = new_york_date(now)
    for period in await periods.in_states(uow, authorization["id"], ("planned",)):
        due = opening_of_business(period["charge_on"])
        active = authorization["state"] == AuthorizationState.ACTIVE
        if active:
            await announce_charge(uow, authorization, period, today)
        if now < due and authorization["state"] not in ENDED:
            continue
        if not active:
            await periods.change(
                uow, authorization["id"], period["period_on"], "skipped", code=f"authorization_{authorization['state']}"
            )
        elif (today - period["charge_on"]).days > terms.catch_up_days:
            await _set_aside(uow, authorization, period, "missed", "charge_missed", "too_late")
        elif not await _notified(uow, authorization, period, terms):
            await _set_aside(uow, authorization, period, "held", "charge_held", "notice_not_in_time")
        else:
            await _charge(uow, authorization, period)
            authorization = await queries.get(uow, authorization["id"])
    left = await periods.in_states(uow, authorization["id"], ("planned",))
    return opening_of_business(left[0]["charge_on"]) if left else None


async def _charge(uow: UnitOfWork, authorization: FlowRow, period: FlowRow) -> None:
    try:
        async with uow.savepoint():
            await debit_under(uow, Charge(authorization["id"], period_on=period["period_on"]))
    except LimitExceeded as refusal:
        await _set_aside(uow, authorization, period, "held", "charge_held", refusal.code)
    except StateConflict as refusal:
        await _set_aside(uow, authorization, period, "held", "authorization_paused", refusal.code)
        await queries.change(
            uow,
            authorization["id"],
            "paused",
            refusal.message,
            state=AuthorizationState.PAUSED,
            code=refusal.code,
            message=refusal.message,
            must_act="payee" if refusal.who_must_act == "payee" else "operator",
        )


async def _notified(uow: UnitOfWork, authorization: FlowRow, period: FlowRow, terms: ChargeTerms) -> bool:
    """Whether what must have been told before this charge was told in time.

    A changed amount (ten days) and date (seven, or ten) always must (Nacha), the charge itself by the setting.
    """
    id_, rule = authorization["id"], authorization["amount_rule"]
    moved = await notices.change_of_date(uow, id_, period["period_on"])
    days = date_notice_days(rule, terms.notice_required)
    if moved is not None and not _sent_by(moved, latest_notice(period["charge_on"], days)):
        return False
    needed = [await notices.change_of_amount(uow, id_, period["amount"], period["charge_on"])]
    if terms.notice_required in ("always", rule):
        notice = await notices.get(uow, "charge", charge_cause(authorization, period["period_on"]))
        if notice is None:
            return False
        needed.append(notice)
    latest = latest_notice(period["charge_on"])
    return all(_sent_by(notice, latest) for notice in needed if notice is not None)


def _sent_by(notice: FlowRow, latest: date) -> bool:
    return notice["sent_at"] is not None and new_york_date(notice["sent_at"]) <= latest


async def _set_aside(
    uow: UnitOfWork, authorization: FlowRow, period: FlowRow, state: str, kind: str, code: str
) -> None:
    await periods.change(uow, authorization["id"], period["period_on"], state, code=code)
    await _case(uow, authorization, period["period_on"], kind, code)


async def _case(uow: UnitOfWork, authorization: FlowRow, period_on: date, kind: str, code: str) -> None:
    await uow.open_case(kind, queries.FLOW, authorization["id"], _SUMMARY[kind], {"period_on": period_on, "code": code})


_SUMMARY = {
    "charge_failed": "A recurring charge was not taken; it is not tried again unless an operator asks for it",
    "charge_missed": "A recurring charge could not be made on its day, nor soon after",
    "charge_held": "A recurring charge was not made",
    "authorization_paused": "A recurring authorization is paused: its account cannot be debited",
}
