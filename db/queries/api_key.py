"""API keys: found by hash across organizations, listed and changed within one."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, func, insert, or_, select, text, update

from db.tables.organization import api_key, operator
from db.tables.party_key import party_key
from db.unit_of_work import UnitOfWork
from domain.childcare_party import Party

LAST_USE_IS_KEPT_TO = timedelta(minutes=1)


async def find_by_hash(uow: UnitOfWork, key_hash: bytes) -> RowMapping | None:
    """The key with this hash and whether it may still be used: `refusal` is null, or says why not."""
    return await uow.one_or_none(_standing("hash"), hash=key_hash)


async def find_by_id(uow: UnitOfWork, key_id: UUID) -> RowMapping | None:
    """The key with this id, like `find_by_hash`: who logged in with it is known by its id."""
    return await uow.one_or_none(_standing("id"), id=key_id)


@cache
def _standing(column: str) -> Select[Any]:
    refusal = text(
        "case when api_key.revoked_at is not null then 'revoked'"
        " when api_key.expires_at <= clock_timestamp() then 'expired'"
        " when operator.disabled_at is not null then 'operator_disabled' end as refusal"
    )
    unnoted = _unnoted().label("unnoted")
    return (
        select(
            api_key,
            operator.c.name.label("operator_name"),
            party_key.c.family_id,
            party_key.c.provider_id,
            refusal,
            unnoted,
        )
        .join(operator, operator.c.id == api_key.c.operator_id)
        .outerjoin(party_key, party_key.c.api_key_id == api_key.c.id)
        .where(api_key.c[column] == bindparam(column))
    )


async def note_use(uow: UnitOfWork, key: RowMapping) -> None:
    """Note that the key was used now. At most one write a minute: a busy key must not write with every request."""
    if key["unnoted"]:
        await uow.connection.execute(
            update(api_key).where(api_key.c.id == key["id"], _unnoted()).values(last_used_at=func.clock_timestamp())
        )


def _unnoted() -> ColumnElement[bool]:
    stale = func.clock_timestamp() - LAST_USE_IS_KEPT_TO
    return or_(api_key.c.last_used_at.is_(None), api_key.c.last_used_at < stale)


async def add(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Insert a key of the unit of work's organization."""
    await uow.connection.execute(insert(api_key).values(organization_id=uow.organization_id, **values))


async def bind(uow: UnitOfWork, key_id: UUID, party: Party) -> None:
    """Have nobody but this family or provider ask with the key."""
    values = {"api_key_id": key_id, f"{party.kind}_id": party.id}
    await uow.connection.execute(insert(party_key).values(organization_id=uow.organization_id, **values))


async def all_of_organization(uow: UnitOfWork) -> list[RowMapping]:
    """All keys of the organization with their operators' e-mail addresses and whose they are, newest first."""
    return await uow.all(
        select(api_key, operator.c.email, party_key.c.family_id, party_key.c.provider_id)
        .join(operator, operator.c.id == api_key.c.operator_id)
        .outerjoin(party_key, party_key.c.api_key_id == api_key.c.id)
        .order_by(api_key.c.id.desc())
    )


async def revoke(uow: UnitOfWork, key_id: UUID) -> bool:
    """Revoke a key for good; False when there is none, or it was revoked before."""
    revoked = await uow.connection.execute(
        update(api_key)
        .where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
    )
    return revoked.rowcount == 1
