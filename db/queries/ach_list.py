"""The list of ACH transactions, by what a client asks for."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, case, func, select

from db.queries.page import after_cursor
from db.queries.row import newest_of
from db.tables.ach import ach_transaction
from db.tables.money_call import money_call
from db.unit_of_work import UnitOfWork
from domain.ach import AchState


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a transaction must be to be listed; None asks nothing. Dates are business dates, amounts minor units."""

    type: str | None = None
    direction: str | None = None
    ach_states: tuple[AchState, ...] | None = None
    in_doubt: bool | None = None
    customer_id: str | None = None
    merchant_id: UUID | None = None
    account_id: UUID | None = None
    parent_transaction_id: UUID | None = None
    date_from: date | None = None
    date_to: date | None = None
    amount_min: int | None = None
    amount_max: int | None = None


# looked up for each row shown, by its flow: EXISTS may read all calls at once, and a state all that are in it
_DOUBT = (
    select(func.max(case((money_call.c.state.in_(("unknown", "needs_person")), "unknown"))))
    .where(money_call.c.flow_id == ach_transaction.c.id, money_call.c.flow.in_(("ach-debit", "ach-credit", "ach-void")))
    .scalar_subquery()
)
_EQUAL = ("type", "direction", "customer_id", "merchant_id", "account_id", "parent_transaction_id")


async def list_transactions(uow: UnitOfWork, wanted: Wanted, *, after: UUID | None, limit: int) -> list[RowMapping]:
    """Newest first; `doubt` is `unknown` while the entry's money call is in doubt, else null."""
    shown = select(ach_transaction, _DOUBT.label("doubt"))
    page = after_cursor(shown, ach_transaction.c.id, after, limit).where(*_conditions(wanted))
    if wanted.ach_states is None:
        return await uow.all(page)
    pages = [page.where(ach_transaction.c.ach_state == state) for state in wanted.ach_states]
    return await uow.all(newest_of(pages, limit)) if pages else []


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    column = ach_transaction.c
    asked = [(name, getattr(wanted, name)) for name in _EQUAL]
    found = [column[name] == value for name, value in asked if value is not None]
    if wanted.in_doubt is not None:
        found.append(_DOUBT.is_not(None) if wanted.in_doubt else _DOUBT.is_(None))
    if wanted.date_from is not None:
        found.append(column.business_date >= wanted.date_from)
    if wanted.date_to is not None:
        found.append(column.business_date <= wanted.date_to)
    if wanted.amount_min is not None:
        found.append(column.amount >= wanted.amount_min)
    if wanted.amount_max is not None:
        found.append(column.amount <= wanted.amount_max)
    return found
