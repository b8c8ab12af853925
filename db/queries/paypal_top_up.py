"""Top-ups of our PayPal balance: lines of the bank's statement that took money there."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert

from db.queries.page import after_cursor
from db.tables.paypal_top_up import paypal_top_up
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound


async def add(uow: UnitOfWork, top_up_id: UUID, values: Mapping[str, Any]) -> bool:
    """Insert a top-up; False when this line of the bank is booked already."""
    added = await uow.connection.execute(
        insert(paypal_top_up)
        .values(id=top_up_id, organization_id=uow.organization_id, **values)
        .on_conflict_do_nothing(index_elements=["bank_reference"])
        .returning(paypal_top_up.c.id)
    )
    return added.first() is not None


async def get(uow: UnitOfWork, top_up_id: UUID) -> RowMapping:
    """One top-up. Raises NotFound."""
    row = await uow.one_or_none(select(paypal_top_up).where(paypal_top_up.c.id == top_up_id))
    if row is None:
        raise NotFound("top-up")
    return row


async def listed(uow: UnitOfWork, *, after: UUID | None, limit: int) -> list[RowMapping]:
    """Top-ups, newest first."""
    return await uow.all(after_cursor(select(paypal_top_up), paypal_top_up.c.id, after, limit))
