"""Reading one row by its id, and a page of rows; adding and changing one."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    RowMapping,
    Select,
    Table,
    bindparam,
    insert,
    select,
    union_all,
    update,
)

from db.unit_of_work import UnitOfWork
from domain.errors import NotFound

_OF = "of_"


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
    row: RowMapping = (await _written(uow, _adding(table), given)).mappings().one()
    return row


@cache
def _adding(table: Table) -> Any:
    return insert(table).returning(table)


@cache
def changing(table: Table, *columns: str, returning: tuple[str, ...] = ()) -> Any:
    """Changes the rows of a table that have values in these columns, given as `of_<column>`. Made once, as `by` is."""
    statement = update(table).where(*(table.c[name] == bindparam(f"{_OF}{name}") for name in columns))
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


async def change_row(uow: UnitOfWork, table: Table, row_id: UUID, **values: Any) -> None:
    """Change one row; nothing happens where there is none."""
    await change_rows(uow, changing(table, "id"), of_id=row_id, **values)


async def change_rows(uow: UnitOfWork, statement: Any, **values: Any) -> CursorResult[Any]:
    """Run what `changing` made: with its `of_<column>`, and the columns' new values."""
    return await _written(uow, statement, values)


async def _written(uow: UnitOfWork, statement: Any, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Values go as parameters; expressions, which the database works out, into the statement.

    Raises ValueError for a column that the table has not: SQLAlchemy passes over such a parameter.
    """
    unknown = [name for name in values if name not in statement.table.c and not name.startswith(_OF)]
    if unknown:
        raise ValueError(f"{statement.table.name} has no {', '.join(unknown)}")
    worked_out = {name: value for name, value in values.items() if isinstance(value, ColumnElement)}
    if worked_out:
        statement = statement.values(worked_out)
    given = {name: value for name, value in values.items() if name not in worked_out}
    written: CursorResult[Any] = await uow.connection.execute(statement, given)
    return written


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
