"""What a customer is told: a copy of the authorization, each charge before it, its receipt, its return, and each month.

A notice is a row and a mail, written once in one transaction; that it cannot be sent never changes a payment. That it
was not sent in time may keep a charge from being made (see ach_authorization_charge).
"""

from datetime import date, timedelta
from typing import Any

from db.flows.base import FlowRow
from db.queries import ach as entries
from db.queries import ach_notice as notices
from db.queries import ach_statement as statements
from db.queries.ach_notice import NewNotice
from db.unit_of_work import UnitOfWork
from domain.ach import CAME_BACK, AchState
from domain.authorization import RECEIPT_DAYS, latest_notice
from domain.calendar import new_york_date
from domain.ids import public_id
from domain.money import Money
from domain.payer_advice import payer_advice
from domain.recurrence import charge_date


async def send_copy(uow: UnitOfWork, authorization: FlowRow, today: date) -> None:
    """The customer's own copy of what was authorized (Nacha: PPD, and TEL that recurs)."""
    shown = await _shown(uow, authorization) | {
        "kind": authorization["kind"],
        "rule": authorization["amount_rule"],
        "least": _text(authorization["amount_min"] or 1, authorization),
        "most": _text(authorization["amount_max"] or authorization["amount"], authorization),
        "frequency": authorization["frequency"] or "",
        "starts_on": _day(authorization["starts_on"]),
        "ends_on": _day(authorization["ends_on"]) if authorization["ends_on"] else "",
        "amount": _text(authorization["amount"], authorization),
        "terms": authorization["cancellation_terms"],
    }
    await notices.write(uow, authorization, NewNotice("copy", str(authorization["id"]), today), shown)


async def announce_charge(uow: UnitOfWork, authorization: FlowRow, period: FlowRow, today: date) -> None:
    """The notice of a charge, due ten days before it; once the day has come it is not sent any more."""
    notice = NewNotice(
        "charge",
        charge_cause(authorization, period["period_on"]),
        latest_notice(period["charge_on"]),
        period_on=period["period_on"],
        amount=period["amount"],
    )
    shown = await _shown(uow, authorization) | {
        "amount": _text(period["amount"], authorization),
        "charge_on": _day(period["charge_on"]),
        "terms": authorization["cancellation_terms"],
    }
    await notices.write(uow, authorization, notice, shown if today < period["charge_on"] else None)


def charge_cause(authorization: FlowRow, period_on: date) -> str:
    """One notice per charge."""
    return f"{authorization['id']}/{period_on}"


async def tell_changed_amount(uow: UnitOfWork, authorization: FlowRow, amount: int, starts: date) -> None:
    """Ten days' notice of another amount (Nacha)."""
    cause = f"{authorization['id']}/{starts}/{amount}"
    notice = NewNotice("amount_changed", cause, latest_notice(starts), period_on=starts, amount=amount)
    shown = await _shown(uow, authorization) | {
        "old_amount": _text(authorization["amount"], authorization),
        "amount": _text(amount, authorization),
        "starts_on": _day(starts),
        "terms": authorization["cancellation_terms"],
    }
    await notices.write(uow, authorization, notice, shown)


async def tell_changed_date(
    uow: UnitOfWork, authorization: FlowRow, instead_of: date, first_on: date, due_on: date
) -> None:
    """Seven days' notice of another date (Nacha), ten where the amount varies; written anew for each change."""
    cause = f"{authorization['id']}/{first_on}/{(await uow.business_now()).isoformat()}"
    notice = NewNotice("date_changed", cause, due_on, period_on=first_on)
    shown = await _shown(uow, authorization) | {
        "instead_of": _day(instead_of),
        "first_on": _day(first_on),
        "charge_on": _day(charge_date(first_on)),
        "frequency": authorization["frequency"],
        "terms": authorization["cancellation_terms"],
    }
    await notices.write(uow, authorization, notice, shown)


async def send_receipts(uow: UnitOfWork, authorization: FlowRow) -> None:
    """A receipt for each debit that the gateway took, due within fifteen days of it."""
    for debit in await statements.without_receipt(uow, authorization["id"]):
        taken_on = new_york_date(debit["processed_at"])
        notice = NewNotice(
            "receipt",
            str(debit["id"]),
            taken_on + timedelta(days=RECEIPT_DAYS),
            period_on=debit["period_on"],
            amount=debit["amount"],
            transaction_id=debit["id"],
        )
        shown = await _shown(uow, authorization) | _line(debit)
        await notices.write(uow, authorization, notice, shown)


async def tell_returns(uow: UnitOfWork, authorization: FlowRow, today: date) -> None:
    """Each debit that came back (seed 003, section 2), in the words that the API has for the payer.

    Not after a death (R14, R15): nobody writes to whoever died; a person sees the case.
    """
    for debit in await statements.without_return_notice(uow, authorization["id"]):
        notice = NewNotice(
            "returned",
            str(debit["id"]),
            today,
            period_on=debit["period_on"],
            amount=debit["amount"],
            transaction_id=debit["id"],
        )
        said = payer_advice(debit, AchState(debit["ach_state"])).user_message
        shown = await _shown(uow, authorization) | _line(debit) | {"said": said}
        await notices.write(uow, authorization, notice, shown)


async def send_statements(uow: UnitOfWork, authorization: FlowRow, today: date) -> bool:
    """A statement of each month that is over, one per customer; whether debits of this month still wait for theirs."""
    merchant_id, customer_id = authorization["merchant_id"], authorization["customer_id"]
    waiting = False
    for month in await statements.months_to_state(uow, merchant_id, customer_id):
        if month >= today.replace(day=1):
            waiting = True
            continue
        debits = await statements.debits_of(uow, merchant_id, customer_id, month)
        total = sum(debit["amount"] for debit in debits if debit["ach_state"] not in CAME_BACK)
        after = (month + timedelta(days=31)).replace(day=1)
        notice = NewNotice(
            "statement", statements.cause_of(merchant_id, customer_id, month), after, period_on=month, amount=total
        )
        shown = await _shown(uow, authorization) | {
            "month": f"{month:%B %Y}",
            "lines": [_line(debit) for debit in debits],
            "total": _text(total, authorization),
        }
        await notices.write(uow, authorization, notice, shown)
    return waiting


async def _shown(uow: UnitOfWork, authorization: FlowRow) -> dict[str, Any]:
    """What every mail names: who debits, from which account by its last digits, and under which authorization."""
    merchant = await entries.get_merchant(uow, authorization["merchant_id"])
    account = await entries.get_account(uow, authorization["account_id"])
    return {
        "merchant": merchant["name"],
        "last_four": account["last_four"],
        "description": authorization["description"],
        "authorization_id": public_id("auth", authorization["id"]),
    }


def _line(debit: FlowRow) -> dict[str, Any]:
    return {
        "debit_id": public_id("achtx", debit["id"]),
        "taken_on": _day(new_york_date(debit["processed_at"])),
        "description": debit["description"],
        "amount": _text(debit["amount"], debit),
        "returned": debit["ach_state"] in CAME_BACK,
    }


def _text(minor_units: int, row: FlowRow) -> str:
    return str(Money(minor_units, row["currency"]))


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
