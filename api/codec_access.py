"""Who may have payloads decoded: an operator's key with ``operations:read``, or a session that was opened with one.

The codec is a decryption oracle for everything that Temporal keeps for us, so it asks more than the web UI itself does.
"""

from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials

from api.auth import admit, admit_key, bearer
from api.codec_cors import origin_of
from api.context import ApiContext, Context
from api.login import SCOPE
from api.same_origin import is_from_our_pages
from api.session import session_of
from db.queries.rate_limit import take_token
from domain.errors import InvalidInput, PermissionDenied, Unauthenticated
from domain.principal import Principal

_AUDITED_EVERY_SECONDS = 60


async def may_use_codec(
    request: Request,
    context: Context,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    namespace: Annotated[
        str | None, Header(alias="X-Namespace", description="The Temporal namespace that the payloads are of.")
    ] = None,
) -> None:
    """Raise Unauthenticated or PermissionDenied for anybody else, InvalidInput for payloads of another namespace."""
    if credentials is not None:
        principal = await admit_key(request, context, credentials.credentials)
    else:
        principal = await _of_session(request, context)
    principal.require(SCOPE)
    if namespace != context.settings.temporal.namespace:
        raise InvalidInput("X-Namespace", "Must name the namespace of this installation.", code="other_namespace")
    await _note(context, principal)


async def _of_session(request: Request, context: ApiContext) -> Principal:
    session = session_of(request, context)
    if session is None:
        raise Unauthenticated("Log in at /login, or send an API key.")
    # the browser sends the cookie along for every page of this site, so the page must be the one that we know
    origin = request.headers.get("Origin")
    if origin != origin_of(context.settings.temporal.ui_url) and not is_from_our_pages(request):
        raise PermissionDenied("A session is for the Temporal web UI only.", code="other_origin")
    return await admit(request, context, key_id=session.key_id)


async def _note(context: ApiContext, principal: Principal) -> None:
    """One audit row a minute and key is enough to tell who looked when: a page of a long run asks hundreds of times."""
    async with context.database.unit_of_work(
        principal.organization_id, actor=principal.actor, request_id=principal.request_id
    ) as uow:
        bucket = f"codec/{principal.key_id}"
        if not await take_token(uow, bucket, burst=1, per_second=1 / _AUDITED_EVERY_SECONDS):
            await uow.audit("codec.used", "api_key", principal.key_id)


CodecUser: Any = Depends(may_use_codec)
