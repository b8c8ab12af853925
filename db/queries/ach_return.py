"""Reading and writing returns."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.queries.ach import NOT_TAKEN
from db.queries.page import after_cursor
from db.tables.ach import ach_transaction
from db.tables.ach_return import ach_return
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.errors import NotFound


async def get(uow: UnitOfWork, return_id: UUID, *, lock: bool = False) -> RowMapping:
    """One return; raises NotFound."""
    statement = select(ach_return).where(ach_return.c.id == return_id)
    row = await uow.one_or_none(statement.with_for_update(key_share=True) if lock else statement)
    if row is None:
        raise NotFound("ACH return")
    return row


async def find(uow: UnitOfWork, return_id: UUID, *, lock: bool = False) -> RowMapping | None:
    """One return, or None."""
    statement = select(ach_return).where(ach_return.c.id == return_id)
    return await uow.one_or_none(statement.with_for_update(key_share=True) if lock else statement)


async def of_entry(uow: UnitOfWork, call_id: UUID, code: str) -> RowMapping | None:
    """The return of this entry under this code, by whatever way it was told."""
    return await uow.one_or_none(
        select(ach_return).where(ach_return.c.money_call_id == call_id, ach_return.c.code == code)
    )


async def put(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Insert a return, or complete the row under which it waited for its entry."""
    statement = insert(ach_return).values(organization_id=uow.organization_id, **values)
    changed = {name: statement.excluded[name] for name in values if name not in {"id", "received_at"}}
    await uow.connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
    shown = {name: value for name, value in values.items() if name not in {"id", "addenda"}}
    await uow.audit(f"ach_return.{values['state']}", "ach-return", values["id"], shown)
    await uow.tell(f"ach_return.{values['state']}", "ach-return", values["id"], shown)


async def change(uow: UnitOfWork, return_id: UUID, action: str, **values: Any) -> None:
    """Change a return and say so in the audit trail and to the organization."""
    await uow.connection.execute(update(ach_return).where(ach_return.c.id == return_id).values(**values))
    await uow.audit(f"ach_return.{action}", "ach-return", return_id, values)
    await uow.tell(f"ach_return.{action}", "ach-return", return_id, values)


async def payments_returned(uow: UnitOfWork, account_id: UUID) -> int:
    """How many distinct payments of an account came back; a reinitiation is no payment of its own."""
    return int(
        (
            await uow.connection.execute(
                select(func.count())
                .select_from(ach_return.join(ach_transaction, ach_transaction.c.id == ach_return.c.transaction_id))
                .where(
                    ach_return.c.account_id == account_id,
                    ach_return.c.state == "decided",
                    ach_return.c.kind == "return",
                    ach_transaction.c.retry_of.is_(None),
                )
            )
        ).scalar_one()
    )


async def refunded(uow: UnitOfWork, transaction_id: UUID) -> int:
    """What was refunded of a debit, or is being refunded, in minor units; refunds that came back count no more."""
    return int(
        (
            await uow.connection.execute(
                select(func.coalesce(func.sum(ach_transaction.c.amount), 0)).where(
                    ach_transaction.c.parent_transaction_id == transaction_id,
                    ach_transaction.c.type == "REFUND",
                    ach_transaction.c.ach_state.not_in((*NOT_TAKEN, AchState.RETURNED)),
                )
            )
        ).scalar_one()
    )


async def first_entry(uow: UnitOfWork, transaction: RowMapping | Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The entry that a chain of reinitiations began with (at most two steps back)."""
    first: Mapping[Any, Any] = transaction
    while first["retry_of"] is not None:
        before = await uow.one_or_none(select(ach_transaction).where(ach_transaction.c.id == first["retry_of"]))
        if before is None:
            raise NotFound("ACH transaction")
        first = before
    return first


def settled_on(first: Mapping[Any, Any]) -> date:
    """When a chain's first entry settled: by the gateway's report or as it was expected, whichever is earlier."""
    known: list[date] = [day for day in (first["settled_on"], first["settles_on"]) if day is not None]
    return min(known, default=first["business_date"])


async def page(uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]) -> list[RowMapping]:
    """Returns, newest first; `filters` are columns and the values they must have."""
    statement = after_cursor(select(ach_return), ach_return.c.id, after, limit)
    for name, value in filters.items():
        statement = statement.where(ach_return.c[name] == value)
    return await uow.all(statement)
