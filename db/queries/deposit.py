"""Deposits: lines of the bank's statement that brought an organization's money."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert

from db.queries.page import after_cursor
from db.tables.deposit import deposit
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound


async def add(uow: UnitOfWork, deposit_id: UUID, values: Mapping[str, Any]) -> bool:
    """Insert a deposit; False when this line of the bank is booked already, be it for somebody else."""
    added = await uow.connection.execute(
        insert(deposit)
        .values(id=deposit_id, organization_id=uow.organization_id, **values)
        .on_conflict_do_nothing(index_elements=["bank_account", "bank_reference"])
        .returning(deposit.c.id)
    )
    return added.first() is not None


async def get(uow: UnitOfWork, deposit_id: UUID) -> RowMapping:
    """One deposit. Raises NotFound."""
    row = await uow.one_or_none(select(deposit).where(deposit.c.id == deposit_id))
    if row is None:
        raise NotFound("deposit")
    return row


async def listed(uow: UnitOfWork, *, after: UUID | None, limit: int) -> list[RowMapping]:
    """Deposits, newest first."""
    return await uow.all(after_cursor(select(deposit), deposit.c.id, after, limit))
