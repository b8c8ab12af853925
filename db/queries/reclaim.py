"""Reclaims of unused money."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, update

from db.queries.row import add_row, get_row, list_rows
from db.tables.reclaim import reclaim
from db.unit_of_work import UnitOfWork

FLOW = "reclaim"


async def get(uow: UnitOfWork, reclaim_id: UUID, *, lock: bool = False) -> RowMapping:
    """One reclaim."""
    return await get_row(uow, reclaim, "reclaim", reclaim_id, lock=lock)


async def add(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a reclaim; the database takes its amount out of the budget, or refuses what the budget does not have."""
    return await add_row(uow, reclaim, **values)


async def change(uow: UnitOfWork, reclaim_id: UUID, action: str, **values: Any) -> None:
    """Change a reclaim, and say so in the audit trail and to the organization."""
    await uow.connection.execute(update(reclaim).where(reclaim.c.id == reclaim_id).values(**values))
    await uow.audit(f"reclaim.{action}", FLOW, reclaim_id, values)
    told = {name: values[name] for name in ("state", "code", "must_act") if values.get(name) is not None}
    await uow.tell(f"reclaim.{action}", FLOW, reclaim_id, told)


async def list_reclaims(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Reclaims, newest first."""
    return await list_rows(uow, reclaim, after=after, limit=limit, filters=filters)
