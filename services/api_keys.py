"""API keys: made for an operator, shown once, revoked for good. Only their hashes are kept."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func

from db.engine import Database
from db.queries import api_key as queries
from db.queries import family, provider
from db.queries.operator import operator_by_email
from db.unit_of_work import UnitOfWork
from domain.childcare_party import Party
from domain.errors import InvalidInput, NotFound, StateConflict
from domain.ids import new_id, public_id

_SECRET_BYTES = 32
_SHOWN_CHARACTERS = 12
_SCOPE = re.compile(r"\*|\*:read|[a-z][a-z_]*:[a-z][a-z_]*")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A key that was just made. The secret is not kept anywhere: who does not write it down makes another."""

    key_id: UUID
    secret: str = field(repr=False)


async def create_key(
    database: Database,
    organization_id: UUID,
    *,
    operator_email: str,
    name: str,
    scopes: Sequence[str],
    live: bool,
    expires_in: timedelta | None,
    actor: str,
    party: Party | None = None,
) -> CreatedKey:
    """Make a key. Scopes are ``*``, ``*:read`` or ``<noun>:<verb>``; `party` makes it that family's or provider's own.

    Raises InvalidInput, NotFound for an unknown operator or party, StateConflict for an operator that is disabled.
    """
    _check(name, scopes, expires_in)
    secret = f"sk_{'live' if live else 'test'}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    key_id = new_id()
    async with database.unit_of_work(organization_id, actor=actor) as uow:
        person = await operator_by_email(uow, operator_email)
        if person is None:
            raise NotFound("operator", field="operator")
        if person["disabled_at"] is not None:
            raise StateConflict("operator_disabled", "The operator is disabled.")
        await queries.add(
            uow,
            {
                "id": key_id,
                "operator_id": person["id"],
                "name": name,
                "prefix": secret[:_SHOWN_CHARACTERS],
                "hash": hashlib.sha256(secret.encode()).digest(),
                "scopes": sorted(set(scopes)),
                "live": live,
                "expires_at": None if expires_in is None else func.clock_timestamp() + expires_in,
            },
        )
        told: dict[str, Any] = {"operator": public_id("opr", person["id"]), "scopes": list(scopes)}
        if party is not None:
            await _require_known(uow, party)
            await queries.bind(uow, key_id, party)
            told["party"] = party.public_id
        await uow.audit("api_key.created", "api_key", key_id, told)
    return CreatedKey(key_id, secret)


async def list_keys(database: Database, organization_id: UUID, *, actor: str) -> list[RowMapping]:
    """The organization's keys, newest first, with their operators' addresses; no row holds a secret."""
    async with database.unit_of_work(organization_id, actor=actor) as uow:
        return await queries.all_of_organization(uow)


async def revoke_key(database: Database, organization_id: UUID, key_id: UUID, *, actor: str) -> None:
    """Revoke a key: the next request with it is refused. Raises NotFound when it is not there or not valid any more."""
    async with database.unit_of_work(organization_id, actor=actor) as uow:
        if not await queries.revoke(uow, key_id):
            raise NotFound("API key that could be revoked")
        await uow.audit("api_key.revoked", "api_key", key_id)


async def _require_known(uow: UnitOfWork, party: Party) -> None:
    if party.kind == "family":
        await family.get_family(uow, party.id)
    else:
        await provider.get(uow, party.id)


def _check(name: str, scopes: Sequence[str], expires_in: timedelta | None) -> None:
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput("name", f"Must be one line of 1 to {_LONGEST_NAME} characters.")
    if not scopes or not all(_SCOPE.fullmatch(scope) for scope in scopes):
        raise InvalidInput("scopes", "Each scope is *, *:read or <noun>:<verb>, and there is at least one.")
    if expires_in is not None and expires_in <= timedelta(0):
        raise InvalidInput("expires_in", "Must lie in the future.")
