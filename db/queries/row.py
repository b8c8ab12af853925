"""Reading one row by its id, and a page of rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Table, insert, select

from db.unit_of_work import UnitOfWork
from domain.errors import NotFound


async def get_row(uow: UnitOfWork, table: Table, noun: str, row_id: UUID, *, lock: bool = False) -> RowMapping:
    """One row, locked for the rest of the transaction if asked. Raises NotFound naming the noun."""
    statement = select(table).where(table.c.id == row_id)
    row = await uow.one_or_none(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound(noun)
    return row


async def add_row(uow: UnitOfWork, table: Table, **values: Any) -> RowMapping:
    """Insert a row of the unit of work's organization and read it back with its defaults."""
    statement = insert(table).values(organization_id=uow.organization_id, **values).returning(table)
    row: RowMapping = (await uow.connection.execute(statement)).mappings().one()
    return row


async def list_rows(
    uow: UnitOfWork, table: Table, *conditions: ColumnElement[bool], below: UUID | None, limit: int
) -> list[RowMapping]:
    """Rows in falling order of id, from below an id on."""
    statement = select(table).where(*conditions).order_by(table.c.id.desc()).limit(limit)
    return await uow.all(statement if below is None else statement.where(table.c.id < below))
