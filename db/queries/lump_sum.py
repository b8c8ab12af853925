"""Lump sums, with the payment that each is in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, select, update

from db.queries.row import add_row, get_row, page_of
from db.tables.lump_sum import lump_sum
from db.tables.payment_intent import payment_intent, payment_intent_item
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound


def _with_payment() -> Select[Any]:
    return (
        select(lump_sum, payment_intent.c.id.label("payment_intent_id"), payment_intent.c.state.label("payment_state"))
        .outerjoin(
            payment_intent_item,
            (payment_intent_item.c.lump_sum_id == lump_sum.c.id) & payment_intent_item.c.released_at.is_(None),
        )
        .outerjoin(payment_intent, payment_intent.c.id == payment_intent_item.c.payment_intent_id)
    )


async def get(uow: UnitOfWork, lump_sum_id: UUID) -> RowMapping:
    """One lump sum, with `payment_intent_id` and `payment_state` of the payment it is in."""
    row = await uow.one_or_none(_with_payment().where(lump_sum.c.id == lump_sum_id))
    if row is None:
        raise NotFound("lump sum")
    return row


async def lock(uow: UnitOfWork, lump_sum_id: UUID) -> RowMapping:
    """One lump sum, locked."""
    return await get_row(uow, lump_sum, "lump sum", lump_sum_id, lock=True)


async def add(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a lump sum. The database refuses to overdraw its budget."""
    return await add_row(uow, lump_sum, **values)


async def unsubmitted(uow: UnitOfWork, allocation_id: UUID) -> list[UUID]:
    """The live ones of an allocation that no payment has."""
    rows = await uow.all(
        _with_payment().where(
            lump_sum.c.allocation_id == allocation_id, lump_sum.c.deleted_at.is_(None), payment_intent.c.id.is_(None)
        )
    )
    return [row["id"] for row in rows]


async def change(uow: UnitOfWork, lump_sum_id: UUID, **values: Any) -> None:
    """Change a lump sum."""
    await uow.connection.execute(update(lump_sum).where(lump_sum.c.id == lump_sum_id).values(**values))


async def list_lump_sums(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Lump sums, newest first."""
    return await uow.all(page_of(_with_payment(), lump_sum, after=after, limit=limit, filters=filters))
