"""Families, children, and the wallets they pay from."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update

from db.queries.row import add_row, get_row, list_rows
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
