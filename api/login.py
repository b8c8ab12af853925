"""The login page at /login: an operator pastes an API key and gets a session cookie, for what only browsers need."""

import zlib
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import RowMapping
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.auth import admit_key, audit_denial
from api.context import ApiContext, context_of
from api.problems import problem_of, request_id_of
from api.same_origin import is_from_our_pages
from api.session import Session, begin_session, end_session, session_of
from db.queries.api_key import find_by_id
from db.queries.rate_limit import take_token
from domain.errors import PermissionDenied, RateLimited, Unauthenticated
from domain.principal import Principal

SCOPE = "operations:read"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_TRIES_AT_ONCE, _TRIES_PER_SECOND = 10, 0.1
# callers share this many buckets, so that nobody can fill the table with buckets of made-up addresses
_BUCKETS = 4096
_LONGEST_KEY = 200

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def add_login_page(app: FastAPI) -> None:
    """Serve /login and /logout."""
    app.add_api_route("/login", show, methods=["GET"], include_in_schema=False)
    app.add_api_route("/login", log_in, methods=["POST"], include_in_schema=False)
    app.add_api_route("/logout", log_out, methods=["POST"], include_in_schema=False)


async def show(request: Request) -> Response:
    """The form, or who is logged in."""
    context = context_of(request)
    session = session_of(request, context)
    holder = None if session is None else await _holder(context, session)
    if session is None or holder is None or holder["refusal"] is not None:
        return _page(context)
    return _page(context, holder=holder, ends_at=session.ends_at)


async def log_in(request: Request) -> Response:
    """Take a key; the answer to a good one is a cookie. What is refused is audited."""
    context = context_of(request)
    if not is_from_our_pages(request):
        return problem_of(request, PermissionDenied("Log in from our own page.", code="other_origin"))
    try:
        await _take_try(request, context)
        principal = await admit_key(request, context, await _key(request))
        principal.require(SCOPE)
    except RateLimited as error:
        page = _page(context, f"Too many tries: wait {error.retry_after} seconds.", status=429)
        page.headers["Retry-After"] = str(error.retry_after)
        return page
    except Unauthenticated:
        return _page(context, "That is no valid API key.", status=401)
    except PermissionDenied as error:
        await audit_denial(request, context, error)
        return _page(context, error.message, status=403)
    await _audit(context, principal, "session.opened")
    answer = RedirectResponse("login", status_code=303)
    begin_session(answer, context, principal.key_id)
    return answer


async def log_out(request: Request) -> Response:
    """Forget the session."""
    context = context_of(request)
    if not is_from_our_pages(request):
        return problem_of(request, PermissionDenied("Log out from our own page.", code="other_origin"))
    session = session_of(request, context)
    holder = None if session is None else await _holder(context, session)
    if holder is not None:
        await _audit(context, _principal(request, holder), "session.closed")
    answer = RedirectResponse("login", status_code=303)
    end_session(answer, context)
    return answer


async def _key(request: Request) -> str:
    try:
        fields = parse_qs((await request.body()).decode("ascii"), max_num_fields=4)
    except ValueError:
        return ""
    (key, *_) = fields.get("key", [""])
    return key.strip() if len(key) <= _LONGEST_KEY else ""


async def _take_try(request: Request, context: ApiContext) -> None:
    caller = request.client.host if request.client is not None else ""
    bucket = f"login/{zlib.crc32(caller.encode()) % _BUCKETS}"
    async with context.database.across_organizations(actor="api") as uow:
        wait = await take_token(uow, bucket, burst=_TRIES_AT_ONCE, per_second=_TRIES_PER_SECOND)
    if wait:
        raise RateLimited(retry_after=wait)


async def _holder(context: ApiContext, session: Session) -> RowMapping | None:
    async with context.database.across_organizations(actor="api") as uow:
        return await find_by_id(uow, session.key_id)


def _principal(request: Request, row: RowMapping) -> Principal:
    return Principal(
        organization_id=row["organization_id"],
        operator_id=row["operator_id"],
        key_id=row["id"],
        scopes=frozenset(row["scopes"]),
        request_id=request_id_of(request),
    )


async def _audit(context: ApiContext, principal: Principal, action: str) -> None:
    async with context.database.unit_of_work(
        principal.organization_id, actor=principal.actor, request_id=principal.request_id
    ) as uow:
        await uow.audit(action, "api_key", principal.key_id)


def _page(
    context: ApiContext,
    problem: str = "",
    *,
    status: int = 200,
    holder: RowMapping | None = None,
    ends_at: datetime | None = None,
) -> HTMLResponse:
    settings = context.settings
    text = _templates.get_template("login.html.jinja").render(
        problem=problem,
        holder=holder,
        ends_at=ends_at,
        ui_url=settings.temporal.ui_url,
        codec_url=f"{settings.api.public_url}/codec",
    )
    return HTMLResponse(text, status_code=status, headers={"Content-Security-Policy": _POLICY})
