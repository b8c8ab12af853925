"""Lists are read newest first; ids are UUIDv7, so an id is a place in time."""

from uuid import UUID

from sqlalchemy import Column, Select


def after_cursor(
    statement: Select[tuple[object, ...]], column: "Column[object]", after: UUID | None, limit: int
) -> Select[tuple[object, ...]]:
    """The `limit` rows that follow the one with this id."""
    if after is not None:
        statement = statement.where(column < after)
    return statement.order_by(column.desc()).limit(limit)
