"""Month allocations."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update

from db.queries.row import add_row, get_row, list_rows
from db.tables.allocation import month_allocation
from db.tables.care_day import care_day
from db.unit_of_work import UnitOfWork
from domain.childcare_budget import Budget


async def get(uow: UnitOfWork, allocation_id: UUID, *, lock: bool = False) -> RowMapping:
    """One allocation; locked, it serialises what is selected from it and paid out of it."""
    return await get_row(uow, month_allocation, "allocation", allocation_id, lock=lock)


async def lock_of_days(uow: UnitOfWork, care_day_ids: Sequence[UUID]) -> int:
    """Lock the allocations of these days, in one order so that two who change many do not block; how many there are."""
    of_days = select(care_day.c.allocation_id).where(care_day.c.id.in_(care_day_ids))
    locked = await uow.all(
        select(month_allocation.c.id)
        .where(month_allocation.c.id.in_(of_days))
        .order_by(month_allocation.c.id)
        .with_for_update(key_share=True)
    )
    return len(locked)


def budget(row: Mapping[Any, Any]) -> Budget:
    """An allocation as a budget."""
    return Budget(row["allocation_cents"], row["reclaimed_cents"], row["selected_cents"], row["paid_cents"])


async def of_child(uow: UnitOfWork, child_id: UUID, month: date) -> RowMapping | None:
    """The allocation of a child's month."""
    return await uow.one_or_none(
        select(month_allocation).where(month_allocation.c.child_id == child_id, month_allocation.c.month == month)
    )


async def unfunded(uow: UnitOfWork, family_id: UUID) -> list[RowMapping]:
    """The family's allocations that have no money yet, locked."""
    return await uow.all(
        select(month_allocation)
        .where(month_allocation.c.family_id == family_id, month_allocation.c.funding_state == "unfunded")
        .order_by(month_allocation.c.id)
        .with_for_update(key_share=True)
    )


async def add(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert an allocation."""
    return await add_row(uow, month_allocation, **values)


async def change(uow: UnitOfWork, allocation_id: UUID, action: str, **values: Any) -> None:
    """Change an allocation, and say so in the audit trail and to the organization."""
    await uow.connection.execute(
        update(month_allocation).where(month_allocation.c.id == allocation_id).values(**values)
    )
    await uow.audit(f"allocation.{action}", "allocation", allocation_id, values)
    await uow.tell(f"allocation.{action}", "allocation", allocation_id, {"code": values.get("code")})


async def list_allocations(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Allocations, newest first."""
    return await list_rows(uow, month_allocation, after=after, limit=limit, filters=filters)
