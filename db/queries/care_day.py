"""Care days, with the payment that each is in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, select, update

from db.queries.row import add_row, get_row, page_of
from db.tables.care_day import care_day
from db.tables.payment_intent import payment_intent, payment_intent_item
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound


def _with_payment() -> Select[Any]:
    return (
        select(care_day, payment_intent.c.id.label("payment_intent_id"), payment_intent.c.state.label("payment_state"))
        .outerjoin(
            payment_intent_item,
            (payment_intent_item.c.care_day_id == care_day.c.id) & payment_intent_item.c.released_at.is_(None),
        )
        .outerjoin(payment_intent, payment_intent.c.id == payment_intent_item.c.payment_intent_id)
    )


async def get(uow: UnitOfWork, care_day_id: UUID) -> RowMapping:
    """One care day, with `payment_intent_id` and `payment_state` of the payment it is in."""
    row = await uow.one_or_none(_with_payment().where(care_day.c.id == care_day_id))
    if row is None:
        raise NotFound("care day")
    return row


async def lock(uow: UnitOfWork, care_day_id: UUID) -> RowMapping:
    """One care day, locked."""
    return await get_row(uow, care_day, "care day", care_day_id, lock=True)


async def of_ids(uow: UnitOfWork, care_day_ids: Sequence[UUID]) -> list[RowMapping]:
    """These care days with their payments, by date; missing ones are missing."""
    return await uow.all(_with_payment().where(care_day.c.id.in_(care_day_ids)).order_by(care_day.c.date))


async def add(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a care day. The database refuses a second live one of the same, and an overdrawn budget."""
    return await add_row(uow, care_day, **values)


async def unsubmitted(uow: UnitOfWork, allocation_id: UUID) -> list[UUID]:
    """The live ones of an allocation that no payment has."""
    rows = await uow.all(
        _with_payment().where(
            care_day.c.allocation_id == allocation_id, care_day.c.deleted_at.is_(None), payment_intent.c.id.is_(None)
        )
    )
    return [row["id"] for row in rows]


async def change(uow: UnitOfWork, care_day_id: UUID, **values: Any) -> None:
    """Change a care day."""
    await uow.connection.execute(update(care_day).where(care_day.c.id == care_day_id).values(**values))


async def list_care_days(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Care days, deleted ones too, newest first."""
    return await uow.all(page_of(_with_payment(), care_day, after=after, limit=limit, filters=filters))
