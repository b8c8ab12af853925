"""Who asks: API keys as bearer tokens.

Keys are 256 random bits, so a plain SHA-256 is stored: a slow hash protects guessable passwords, and here it would only
slow down every request. Every refusal is audited, but of keys that nobody has, one a second at most.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.context import ApiContext, Context
from api.party import HEADER, party_of, require_allowed
from api.problems import request_id_of
from api.request_id import route_of
from api.session import session_of
from db.queries import api_key as keys
from db.queries.rate_limit import take_token
from domain.errors import BursarError, RateLimited, Unauthenticated
from domain.principal import Principal

_KEY = re.compile(r"sk_(?P<environment>test|live)_[A-Za-z0-9_-]{43}")
_ACTOR = "api"
LOOKING = frozenset({"GET", "HEAD"})
bearer = HTTPBearer(auto_error=False, description="An API key made by `bursar keys create`: sk_test_… or sk_live_…")

log = structlog.get_logger()


async def authenticated(
    request: Request,
    context: Context,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Principal:
    """The asker of this request. Raises Unauthenticated or RateLimited.

    An operator who has logged in may look at what links in the Temporal web UI lead to; doing something needs a key.
    """
    if credentials is not None:
        return await admit_key(request, context, credentials.credentials)
    session = session_of(request, context) if request.method in LOOKING else None
    if session is None:
        raise Unauthenticated
    return await admit(request, context, key_id=session.key_id)


async def admit_key(request: Request, context: ApiContext, secret: str) -> Principal:
    """The holder of a key. Raises Unauthenticated or RateLimited."""
    match = _KEY.fullmatch(secret)
    if match is None:
        raise Unauthenticated
    key_hash = hashlib.sha256(match[0].encode()).digest()
    return await admit(request, context, key_hash=key_hash)


async def admit(
    request: Request, context: ApiContext, *, key_hash: bytes | None = None, key_id: UUID | None = None
) -> Principal:
    """The holder of the key with this hash or id, if it may still be used and ask for this.

    Raises Unauthenticated or RateLimited, PermissionDenied for what no family or provider may ask for.
    """
    settings = context.settings
    row = await keys.admit(
        context.database,
        key_hash=key_hash,
        key_id=key_id,
        live=settings.environment == "live",
        rate=keys.Rate(settings.api.rate_burst, settings.api.rate_per_second),
    )
    refusal = "unknown" if row is None else row["refusal"]
    if row is None or refusal is not None:
        await _audit_refusal(request, context, row, refusal)
        raise Unauthenticated
    request.state.key_id = row["id"]
    if row["wait"] is not None:
        raise RateLimited(retry_after=row["wait"])
    party = party_of(row, request.headers.get(HEADER))
    principal = Principal(
        organization_id=row["organization_id"],
        operator_id=row["operator_id"],
        key_id=row["id"],
        scopes=frozenset(row["scopes"]),
        request_id=request_id_of(request),
        party=party,
    )
    request.state.principal = principal
    require_allowed(party, request.method, route_of(request.scope))
    return principal


Asker = Annotated[Principal, Depends(authenticated)]


def needs(scope: str) -> Any:
    """A route's dependency that refuses keys without this scope: ``dependencies=[needs("ach_debits:write")]``."""

    async def check(asker: Asker) -> None:
        asker.require(scope)

    return Depends(check)


async def audit_denial(request: Request, context: ApiContext, error: BursarError) -> None:
    """Write down that a known asker was refused something, and why."""
    principal: Principal | None = getattr(request.state, "principal", None)
    if principal is None:
        return
    async with context.database.unit_of_work(
        principal.organization_id, actor=principal.actor, request_id=principal.request_id
    ) as uow:
        await uow.audit(
            "request.denied",
            "api_key",
            principal.key_id,
            {"route": route_of(request.scope), "code": error.code, "reason": error.message},
        )


async def _audit_refusal(request: Request, context: ApiContext, row: Mapping[Any, Any] | None, reason: str) -> None:
    request_id = request_id_of(request)
    detail = {"route": route_of(request.scope), "reason": reason}
    if row is not None:
        async with context.database.unit_of_work(row["organization_id"], actor=_ACTOR, request_id=request_id) as uow:
            await uow.audit("request.refused", "api_key", row["id"], detail)
        return
    async with context.database.across_organizations(actor=_ACTOR, request_id=request_id) as uow:
        # anybody can send keys that nobody has: they must not be able to fill the audit trail
        if await take_token(uow, "unknown-keys", burst=60, per_second=1):
            log.warning("request_refused", **detail)
        else:
            await uow.audit("request.refused", "api_key", "unknown", detail)
