"""Reading and writing corrections of stored accounts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update

from db.queries.page import after_cursor
from db.tables.ach_account_change import ach_account_change
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound

_SEALED = frozenset({"corrected_data", "old_data"})


async def get(uow: UnitOfWork, change_id: UUID, *, lock: bool = False) -> RowMapping:
    """One correction; raises NotFound."""
    statement = select(ach_account_change).where(ach_account_change.c.id == change_id)
    row = await uow.one_or_none(statement.with_for_update(key_share=True) if lock else statement)
    if row is None:
        raise NotFound("account change")
    return row


async def find(uow: UnitOfWork, change_id: UUID) -> RowMapping | None:
    """One correction, or None."""
    return await uow.one_or_none(select(ach_account_change).where(ach_account_change.c.id == change_id))


async def add(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Insert a correction."""
    await uow.connection.execute(insert(ach_account_change).values(organization_id=uow.organization_id, **values))
    await _tell(uow, values["id"], values["state"], values)


async def change(uow: UnitOfWork, change_id: UUID, action: str, **values: Any) -> None:
    """Change a correction and say so in the audit trail and to the organization (never its data)."""
    await uow.connection.execute(
        update(ach_account_change).where(ach_account_change.c.id == change_id).values(**values)
    )
    await _tell(uow, change_id, action, values)


async def pending(uow: UnitOfWork, account_id: UUID) -> list[RowMapping]:
    """The account's corrections that are not applied yet, oldest first: they are applied in this order."""
    return await uow.all(
        select(ach_account_change)
        .where(ach_account_change.c.account_id == account_id, ach_account_change.c.state == "pending")
        .order_by(ach_account_change.c.id)
    )


async def applied(uow: UnitOfWork, account_id: UUID) -> list[RowMapping]:
    """The account's corrections that were applied, newest first."""
    return await uow.all(
        select(ach_account_change)
        .where(ach_account_change.c.account_id == account_id, ach_account_change.c.state == "applied")
        .order_by(ach_account_change.c.id.desc())
    )


async def page(uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]) -> list[RowMapping]:
    """Corrections, newest first; `filters` are columns and the values they must have."""
    statement = after_cursor(select(ach_account_change), ach_account_change.c.id, after, limit)
    for name, value in filters.items():
        statement = statement.where(ach_account_change.c[name] == value)
    return await uow.all(statement)


async def _tell(uow: UnitOfWork, change_id: UUID, action: str, values: Mapping[str, Any]) -> None:
    shown = {name: value for name, value in values.items() if name not in _SEALED and name != "id"}
    await uow.audit(f"ach_account_change.{action}", "ach-account-change", change_id, shown)
    await uow.tell(f"ach_account_change.{action}", "ach-account-change", change_id, shown)
