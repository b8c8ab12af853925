"""Families, children, and the wallets they pay from."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select

from db.queries.row import add_row, get_row, list_rows
from db.tables.chek_wallet import chek_wallet
from db.tables.family import child, family, family_payment_settings
from db.unit_of_work import UnitOfWork


async def get_family(uow: UnitOfWork, family_id: UUID, *, lock: bool = False) -> RowMapping:
    """One family."""
    return await get_row(uow, family, "family", family_id, lock=lock)


async def get_child(uow: UnitOfWork, child_id: UUID) -> RowMapping:
    """One child."""
    return await get_row(uow, child, "child", child_id)


async def add_family(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a family."""
    return await add_row(uow, family, **values)


async def add_child(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a child."""
    return await add_row(uow, child, **values)


async def set_wallet(uow: UnitOfWork, family_id: UUID, wallet_id: UUID) -> None:
    """Say from which Chek wallet the family pays. A wallet is set once."""
    await add_row(uow, family_payment_settings, family_id=family_id, wallet_id=wallet_id)


async def chek_user_of(uow: UnitOfWork, family_id: UUID) -> str | None:
    """The Chek user behind the family's wallet, or None before onboarding."""
    row = await uow.one_or_none(
        select(chek_wallet.c.chek_user_id)
        .join(family_payment_settings, family_payment_settings.c.wallet_id == chek_wallet.c.id)
        .where(family_payment_settings.c.family_id == family_id)
    )
    return None if row is None else str(row["chek_user_id"])


async def list_families(
    uow: UnitOfWork, *, external_id: str | None, below: UUID | None, limit: int
) -> list[RowMapping]:
    """Families, newest first."""
    conditions = [] if external_id is None else [family.c.external_id == external_id]
    return await list_rows(uow, family, *conditions, below=below, limit=limit)


async def list_children(
    uow: UnitOfWork, *, family_id: UUID | None, external_id: str | None, below: UUID | None, limit: int
) -> list[RowMapping]:
    """Children, newest first."""
    conditions = [] if family_id is None else [child.c.family_id == family_id]
    if external_id is not None:
        conditions.append(child.c.external_id == external_id)
    return await list_rows(uow, child, *conditions, below=below, limit=limit)
