"""API keys: found by hash whosever they are, listed and changed within one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, bindparam, func, insert, select, text, update

from db.engine import Database
from db.tables.organization import api_key, operator
from db.tables.party_key import party_key
from db.unit_of_work import UnitOfWork
from domain.childcare_party import Party


@dataclass(frozen=True, slots=True)
class Rate:
    """What a key may ask: so many requests at once, and so many a second."""

    burst: int
    per_second: float


async def admit(
    database: Database, *, key_hash: bytes | None = None, key_id: UUID | None = None, live: bool, rate: Rate
) -> Mapping[Any, Any] | None:
    """The key with this hash or id and one token of its bucket; None for a key that nobody has.

    `refusal` says why it may not be used, or is None: only then a token is taken and its use noted. `wait` is None when
    there was one, else the seconds until the next.
    """
    row = await database.call(
        "select * from admit_key($1, $2, $3, $4, $5)", key_hash, key_id, live, rate.burst, Decimal(str(rate.per_second))
    )
    return None if row is None else dict(row)


async def find_by_id(uow: UnitOfWork, key_id: UUID) -> RowMapping | None:
    """The key with this id and whether it may still be used: `refusal` is null, or says why not."""
    return await uow.one_or_none(_standing(), id=key_id)


@cache
def _standing() -> Select[Any]:
    refusal = text(
        "case when api_key.revoked_at is not null then 'revoked'"
        " when api_key.expires_at <= clock_timestamp() then 'expired'"
        " when operator.disabled_at is not null then 'operator_disabled' end as refusal"
    )
    return (
        select(api_key, operator.c.name.label("operator_name"), refusal)
        .join(operator, operator.c.id == api_key.c.operator_id)
        .where(api_key.c.id == bindparam("id"))
    )


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
