"""The only place that makes an ACH entry: a debit, a payout, a refund, a void, a charge, a debit that is sent again.

What every entry must pass stands here, in the order of the locks (docs/decisions/0007-one-order-of-locks.md):
authorization, merchant, account. An original (`parent`, `retry_of`) must be locked by the caller, who has looked at it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.ach_account_rule import require_debitable, require_usable
from db.flows.ach_authorization_rule import require_account_and_sec, require_in_force
from db.flows.ach_run import run_of
from db.flows.base import FlowRow
from db.queries import ach as queries
from db.queries import ach_authorization as authorizations
from db.queries import ach_authorization_period as periods
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.calendar import new_york_date
from domain.errors import InvalidInput, LimitExceeded, StateConflict
from domain.ids import new_id
from domain.money import Money


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What an entry is. A payout is a DEBIT of direction credit; a REFUND and a VOID name the debit as `parent`.

    `retry_of` is the entry that came back and is sent again, `retry_number` counts such tries from 1.
    """

    type: Literal["DEBIT", "REFUND", "VOID"]
    direction: Literal["debit", "credit"]
    money: Money
    sec: str
    description: str = ""
    parent: UUID | None = None
    authorization_id: UUID | None = None
    authorization_basis: str | None = None
    period_on: date | None = None
    retry_of: UUID | None = None
    retry_number: int = 0
    entry_description: str | None = None


async def add_entry(uow: UnitOfWork, account_id: UUID, new: NewEntry) -> RowMapping:
    """Make an entry of the account and start its workflow, or refuse by name.

    From here to the commit nobody changes what was asked. A void has no limits, and is made whatever became of the
    account.
    """
    _require_dollars(new.money)
    await _require_authorized(uow, account_id, new)
    if new.type == "VOID":
        day = new_york_date(await uow.business_now())
        return await _insert(uow, await queries.get_account(uow, account_id), new, day)
    return await _add(uow, account_id, new.direction, lambda _account: new)


async def add_one_off(
    uow: UnitOfWork, account_id: UUID, direction: Literal["debit", "credit"], entry_of: Callable[[FlowRow], NewEntry]
) -> RowMapping:
    """Make an entry that is nobody's charge, retry or refund: what it is depends on the account alone."""

    def in_dollars(account: FlowRow) -> NewEntry:
        new = entry_of(account)
        _require_dollars(new.money)
        return new

    return await _add(uow, account_id, direction, in_dollars)


async def _add(
    uow: UnitOfWork, account_id: UUID, direction: str, entry_of: Callable[[FlowRow], NewEntry]
) -> RowMapping:
    """The merchant's row is locked: two entries at once never take the same rest of a day's limit."""
    day = new_york_date(await uow.business_now())
    account, terms = await queries.account_to_use(uow, account_id, day, direction)
    new = entry_of(account)
    _require_account(account, new)
    require_within_limits(terms, new.money, new.direction)
    return await _insert(uow, account, new, day)


def _require_dollars(money: Money) -> None:
    if money.currency != "USD":
        raise InvalidInput("currency", "ACH moves US dollars only.", code="unsupported_currency")


async def _require_authorized(uow: UnitOfWork, account_id: UUID, new: NewEntry) -> None:
    """The authorization allows it still, for this account and SEC code, and nothing was taken for it before."""
    if new.retry_of is not None and await queries.sent_again(uow, new.retry_of):
        raise StateConflict("sent_again_already", "The debit was sent again already.")
    if new.authorization_id is None:
        return
    authorization = await authorizations.get(uow, new.authorization_id, lock=True)
    require_in_force(authorization, again=new.retry_of is not None)
    require_account_and_sec(authorization, account_id, new.sec)
    taken = {debit["period_on"] for debit in await periods.live_debits(uow, authorization["id"])}
    if new.retry_of is None and new.period_on in taken:
        raise StateConflict("period_charged", "The period is charged already.", field="period_on")


def _require_account(account: FlowRow, new: NewEntry) -> None:
    if (new.sec == "CCD") != (account["sec"] == "CCD"):
        raise InvalidInput("sec", "CCD is for companies' accounts, and for those alone.", code="wrong_sec")
    if new.direction == "credit":
        require_usable(account)
        return
    require_debitable(account)
    if new.authorization_id is not None and account["prenote_settles_on"] is None:
        raise StateConflict("prenote_missing", "No prenote was sent before the first debit.", field="account_id")


def require_within_limits(terms: queries.MerchantTerms, money: Money, direction: str) -> None:
    """Refuse what passes the merchant's limits for one entry or one New York date; debits and credits count apart.

    Whoever passes holds the rest of the day's limit, with the merchant's lock, until the new entry stands.
    """
    if money.minor_units > terms.per_transaction_limit:
        raise LimitExceeded(f"The amount is above the merchant's limit for one {direction}.", field="amount")
    if terms.taken + money.minor_units > terms.per_day_limit:
        raise LimitExceeded(
            "The amount passes what is left of the merchant's limit for the day.",
            field="amount",
            code="day_limit_exceeded",
        )


async def _insert(uow: UnitOfWork, account: FlowRow, new: NewEntry, day: date) -> RowMapping:
    entry_id = new_id()
    row = await queries.add_transaction(
        uow,
        {
            "id": entry_id,
            "merchant_id": account["merchant_id"],
            "customer_id": account["customer_id"],
            "account_id": account["id"],
            "parent_transaction_id": new.parent,
            "type": new.type,
            "direction": new.direction,
            "amount": new.money.minor_units,
            "currency": new.money.currency,
            "sec": new.sec,
            "description": new.description,
            "entry_description": new.entry_description,
            "ach_state": AchState.CREATED,
            "business_date": day,
            "authorization_id": new.authorization_id,
            "authorization_basis": new.authorization_basis,
            "period_on": new.period_on,
            "retry_of": new.retry_of,
            "retry_number": new.retry_number,
        },
    )
    flow = queries.flow_of(row)
    named = ("parent_transaction_id", "authorization_id", "period_on", "retry_of")
    said = {"amount": row["amount"]} | {name: row[name] for name in named if row[name] is not None}
    if new.retry_of is not None:
        said["retry_number"] = new.retry_number
    await uow.audit(f"{flow.replace('-', '_')}.created", flow, entry_id, said)
    await uow.tell(f"{flow.replace('-', '_')}.created", flow, entry_id, said)
    await uow.start_workflow(run_of(row))
    return row
