"""Providers, how they are paid, and their rates."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, distinct, exists, func, select, update

from db.queries.row import add_row, change_rows, changing, get_row, list_rows
from db.tables.chek_wallet import chek_wallet
from db.tables.family import child
from db.tables.provider import payment_rate, provider, provider_payment_settings
from db.unit_of_work import UnitOfWork

_SETTINGS = select(provider_payment_settings, chek_wallet.c.chek_user_id).join(
    chek_wallet, chek_wallet.c.id == provider_payment_settings.c.wallet_id
)
_SETTINGS_OF_ONE = _SETTINGS.where(provider_payment_settings.c.provider_id == bindparam("provider_id"))


async def get(uow: UnitOfWork, provider_id: UUID, *, lock: bool = False) -> RowMapping:
    """One provider."""
    return await get_row(uow, provider, "provider", provider_id, lock=lock)


async def add(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a provider."""
    return await add_row(uow, provider, **values)


async def payment_settings(uow: UnitOfWork, provider_id: UUID) -> RowMapping | None:
    """How the provider is paid, with `chek_user_id`; None before onboarding."""
    return await uow.one_or_none(_SETTINGS_OF_ONE, provider_id=provider_id)


async def payment_settings_of(uow: UnitOfWork, provider_ids: Sequence[UUID]) -> dict[UUID, RowMapping]:
    """The payment settings of these providers; those before onboarding are left out."""
    rows = await uow.all(_SETTINGS.where(provider_payment_settings.c.provider_id.in_(provider_ids)))
    return {row["provider_id"]: row for row in rows}


async def add_payment_settings(uow: UnitOfWork, **values: Any) -> None:
    """Say in which Chek wallet the provider is paid. A wallet is set once."""
    await add_row(uow, provider_payment_settings, **values)


async def change_payment_settings(uow: UnitOfWork, provider_id: UUID, action: str, **values: Any) -> None:
    """Change how the provider is paid, and say so in the audit trail and to the organization."""
    await uow.connection.execute(
        update(provider_payment_settings).where(provider_payment_settings.c.provider_id == provider_id).values(**values)
    )
    await uow.audit(f"provider.{action}", "provider", provider_id, values)
    await uow.tell(f"provider.{action}", "provider", provider_id)


async def seen_unchanged(uow: UnitOfWork, provider_id: UUID, at: datetime) -> None:
    """Chek said nothing new about the provider: only when it was asked is kept."""
    statement = changing(provider_payment_settings, "provider_id")
    await change_rows(uow, statement, of_provider_id=provider_id, refreshed_at=at)


async def list_providers(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Providers, newest first."""
    return await list_rows(uow, provider, after=after, limit=limit, filters=filters)


async def add_rate(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a payment rate."""
    return await add_row(uow, payment_rate, **values)


async def other_children(uow: UnitOfWork, provider_id: UUID, child_id: UUID) -> int:
    """How many children besides this one have a rate with the provider and are enabled; no other where this one has."""
    own = payment_rate.alias("own")
    mine = exists().where(own.c.provider_id == provider_id, own.c.child_id == child_id)
    row = await uow.one_or_none(
        select(func.count(distinct(payment_rate.c.child_id)).label("children"))
        .join(child, child.c.id == payment_rate.c.child_id)
        .where(payment_rate.c.provider_id == provider_id, child.c.payment_enabled, ~mine)
    )
    return 0 if row is None else int(row["children"])


async def cares_for(uow: UnitOfWork, provider_id: UUID, child_id: UUID) -> bool:
    """Whether the child was ever brought to the provider: there is a rate."""
    filters = {"provider_id": provider_id, "child_id": child_id}
    return bool(await list_rates(uow, after=None, limit=1, filters=filters))


async def get_rate(uow: UnitOfWork, rate_id: UUID) -> RowMapping:
    """One payment rate."""
    return await get_row(uow, payment_rate, "payment rate", rate_id)


async def rate_on(uow: UnitOfWork, provider_id: UUID, child_id: UUID, day: date) -> RowMapping | None:
    """The rate that is in effect on a date."""
    return await uow.one_or_none(
        select(payment_rate)
        .where(
            payment_rate.c.provider_id == provider_id,
            payment_rate.c.child_id == child_id,
            payment_rate.c.effective_from <= day,
        )
        .order_by(payment_rate.c.effective_from.desc())
        .limit(1)
    )


async def list_rates(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Payment rates, newest first."""
    return await list_rows(uow, payment_rate, after=after, limit=limit, filters=filters)
