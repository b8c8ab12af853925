"""Authorizations as a client asks for them: put one on record, change its amount; debits under one."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.ach_account_rule import require_not_disabled
from db.queries import ach as entries
from db.queries import ach_authorization as queries
from db.unit_of_work import UnitOfWork
from domain.authorization import BASES, NOTICE_DAYS, require_basis, require_in_range
from domain.calendar import new_york_date
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.money import Money
from domain.recurrence import Frequency, charge_date
from settings import Settings


@dataclass(frozen=True, slots=True)
class NewAuthorization:
    """What the customer agreed to. Without `frequency` it is for one debit; with a largest amount it is variable."""

    account_id: UUID
    sec: str | None
    basis: str | None
    money: Money
    least: int | None
    most: int | None
    frequency: Frequency | None
    starts_on: date
    ends_on: date | None
    description: str
    cancellation_terms: str
    evidence_reference: str
    evidence_hash: str
    customer_email: str = field(repr=False)


async def authorize(uow: UnitOfWork, settings: Settings, new: NewAuthorization) -> RowMapping:
    """Put it on record and start its workflow. The account need not be verified yet; debits wait for that."""
    account = await entries.get_account(uow, new.account_id)
    if account["state"] in ("failed", "cancelled"):
        raise StateConflict("account_not_open", f"The account is {account['state']}.", field="account_id")
    require_not_disabled(account)
    sec = new.sec or account["sec"]
    basis = new.basis or BASES[sec][0]
    require_basis(sec, basis, recurring=new.frequency is not None)
    if (sec == "CCD") != (account["sec"] == "CCD"):
        raise InvalidInput("sec", "CCD is for companies' accounts, and for those alone.", code="wrong_sec")
    variable = new.most is not None
    _require_sense(new)
    _require_dates(settings, new, new_york_date(await uow.business_now()), variable=variable)
    authorization_id = new_id()
    email = uow.envelope.seal(new.customer_email.encode(), context=queries.email_context(authorization_id))
    values: dict[str, Any] = {
        "id": authorization_id,
        "merchant_id": account["merchant_id"],
        "customer_id": account["customer_id"],
        "account_id": new.account_id,
        "sec": sec,
        "basis": basis,
        "kind": "single" if new.frequency is None else "recurring",
        "amount_rule": "variable" if variable else "fixed",
        "amount": new.money.minor_units,
        "amount_min": new.least,
        "amount_max": new.most,
        "currency": new.money.currency,
        "frequency": new.frequency,
        "starts_on": new.starts_on,
        "ends_on": new.ends_on,
        "description": new.description,
        "cancellation_terms": new.cancellation_terms,
        "evidence_reference": new.evidence_reference,
        "evidence_hash": new.evidence_hash,
        "customer_email": email,
    }
    await queries.add(uow, values)
    row = await queries.get(uow, authorization_id)
    await uow.start_workflow(queries.run_of(row))
    return row


def _require_sense(new: NewAuthorization) -> None:
    if new.money.currency != "USD":
        raise InvalidInput("currency", "ACH moves US dollars only.", code="unsupported_currency")
    if new.most is not None:
        if new.least is not None and new.least > new.most:
            raise InvalidInput("amount_min", "Must not be more than amount_max.")
        require_in_range(new.money.minor_units, new.least, new.most)
    elif new.least is not None:
        raise InvalidInput("amount_max", "A range needs a largest amount.")


def _require_dates(settings: Settings, new: NewAuthorization, today: date, *, variable: bool) -> None:
    """Where charges must be announced ten days before, the first one must leave the time for it."""
    if new.starts_on < today:
        raise InvalidInput("starts_on", "Must not be in the past (New York's date).")
    if new.ends_on is not None and new.ends_on < new.starts_on:
        raise InvalidInput("ends_on", "Must not be before starts_on.")
    required = settings.authorization.notice_required
    announced = required == "always" or (required == "variable" and variable)
    if new.frequency and announced and charge_date(new.starts_on) < today + timedelta(days=NOTICE_DAYS):
        raise InvalidInput(
            "starts_on", f"The first charge needs {NOTICE_DAYS} days' notice: start later.", code="too_early"
        )
