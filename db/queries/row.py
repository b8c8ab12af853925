"""Reading one row by its id, and a page of rows."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, Table, bindparam, insert, select, union_all

from db.unit_of_work import UnitOfWork
from domain.errors import NotFound


@cache
def by(table: Table, *columns: str, lock: bool = False, share: bool = False) -> Select[Any]:
    """The rows of a table that have values, given when it is run, in these columns; locked or shared if asked.

    Made once: what it takes SQLAlchemy to put a statement together is half of what it takes to run it.
    """
    statement = select(table).where(*(table.c[name] == bindparam(name) for name in columns))
    return statement.with_for_update(read=share, key_share=not share) if lock or share else statement


async def get_row(
    uow: UnitOfWork, table: Table, noun: str, row_id: UUID, *, lock: bool = False, share: bool = False
) -> RowMapping:
    """One row, locked for the rest of the transaction if asked. Raises NotFound naming the noun.

    A lock lets others insert rows that refer to this one, as an update of it would. With `share` it stays as it is, and
    others who need no more than that need not wait.
    """
    row = await uow.one_or_none(by(table, "id", lock=lock, share=share), id=row_id)
    if row is None:
        raise NotFound(noun)
    return row


async def add_row(uow: UnitOfWork, table: Table, **values: Any) -> RowMapping:
    """Insert a row of the unit of work's organization and read it back with its defaults."""
    given = {"organization_id": uow.organization_id, **values}
    worked_out = {name: given.pop(name) for name, value in values.items() if isinstance(value, ColumnElement)}
    statement = _adding(table).values(worked_out) if worked_out else _adding(table)
    row: RowMapping = (await uow.connection.execute(statement, given)).mappings().one()
    return row


@cache
def _adding(table: Table) -> Any:
    return insert(table).returning(table)


def page_of(
    statement: Select[Any], table: Table, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> Select[Any]:
    """A page of a table, newest first: rows older than `after`, whose columns have these values (None is any)."""
    wanted = [table.c[name] == value for name, value in filters.items() if value is not None]
    if after is not None:
        wanted.append(table.c.id < after)
    return statement.where(*wanted).order_by(table.c.id.desc()).limit(limit)


def newest_of(pages: Sequence[Select[Any]], limit: int) -> Select[Any]:
    """The newest rows of several pages of one table, at least one: those of each state that is asked for.

    An index that leads with the state holds the rows of one state in their order, those of several it does not: asked
    for all at once, PostgreSQL reads and sorts every one of them, or looks through the whole list.
    """
    if len(pages) == 1:
        return pages[0]
    found = union_all(*pages).subquery()
    return select(found).order_by(found.c.id.desc()).limit(limit)


async def list_rows(
    uow: UnitOfWork, table: Table, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """A page of rows, newest first."""
    return await uow.all(page_of(select(table), table, after=after, limit=limit, filters=filters))
