"""Families, children, and the wallets they pay from."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, exists, select, update

from db.queries.row import add_row, get_row, list_rows
from db.tables.allocation import month_allocation
from db.tables.care_day import care_day
from db.tables.chek_wallet import chek_wallet
from db.tables.family import child, family, family_payment_settings
from db.unit_of_work import UnitOfWork


async def get_family(uow: UnitOfWork, family_id: UUID, *, lock: bool = False) -> RowMapping:
    """One family."""
    return await get_row(uow, family, "family", family_id, lock=lock)


async def get_child(uow: UnitOfWork, child_id: UUID, *, lock: bool = False) -> RowMapping:
    """One child."""
    return await get_row(uow, child, "child", child_id, lock=lock)


async def add_family(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a family."""
    return await add_row(uow, family, **values)


async def add_child(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a child."""
    return await add_row(uow, child, **values)


async def change_child(uow: UnitOfWork, child_id: UUID, **values: Any) -> None:
    """Change a child."""
    await uow.connection.execute(update(child).where(child.c.id == child_id).values(**values))


async def subsidised(uow: UnitOfWork, program_id: UUID) -> list[UUID]:
    """The programme's children that are enabled and whose monthly amount is known."""
    rows = await uow.all(
        select(child.c.id)
        .where(child.c.program_id == program_id, child.c.payment_enabled, child.c.monthly_cents.is_not(None))
        .order_by(child.c.id)
    )
    return [row["id"] for row in rows]


async def without_days(uow: UnitOfWork, program_id: UUID, monday: date) -> list[RowMapping]:
    """Enabled children with money left in a month of this week and no live care day in it: id, name, family_id."""
    sunday = monday + timedelta(days=6)
    months = (monday.replace(day=1), sunday.replace(day=1))
    selected = exists().where(
        care_day.c.child_id == child.c.id, care_day.c.date.between(monday, sunday), care_day.c.deleted_at.is_(None)
    )
    has_money = exists().where(
        month_allocation.c.child_id == child.c.id,
        month_allocation.c.month.in_(months),
        month_allocation.c.allocation_cents > month_allocation.c.selected_cents + month_allocation.c.reclaimed_cents,
    )
    return await uow.all(
        select(child.c.id, child.c.name, child.c.family_id)
        .where(child.c.program_id == program_id, child.c.payment_enabled, has_money, ~selected)
        .order_by(child.c.family_id, child.c.id)
    )


async def set_wallet(uow: UnitOfWork, family_id: UUID, wallet_id: UUID) -> None:
    """Say from which Chek wallet the family pays. A wallet is set once."""
    await add_row(uow, family_payment_settings, family_id=family_id, wallet_id=wallet_id)


async def chek_user_of(uow: UnitOfWork, family_id: UUID) -> str | None:
    """The Chek user behind the family's wallet, or None before onboarding."""
    return (await chek_users_of(uow, [family_id])).get(family_id)


async def chek_users_of(uow: UnitOfWork, family_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The Chek users of these families; those before onboarding are left out."""
    rows = await uow.all(
        select(family_payment_settings.c.family_id, chek_wallet.c.chek_user_id)
        .join(chek_wallet, chek_wallet.c.id == family_payment_settings.c.wallet_id)
        .where(family_payment_settings.c.family_id.in_(family_ids))
    )
    return {row["family_id"]: row["chek_user_id"] for row in rows}


async def list_families(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Families, newest first."""
    return await list_rows(uow, family, after=after, limit=limit, filters=filters)


async def list_children(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Children, newest first."""
    return await list_rows(uow, child, after=after, limit=limit, filters=filters)
