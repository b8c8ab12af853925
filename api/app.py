"""The API application: middleware, problem documents, documentation page, and one router per noun."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api.admission import Admission
from api.body_limit import BodyLimit
from api.codec import codec
from api.codec_cors import CodecCors
from api.context import ApiContext
from api.description import DescribedApi
from api.docs_page import add_docs_page
from api.health import health
from api.json_body import StrictRoute
from api.last_resort import LastResort
from api.login import add_login_page
from api.problem_handlers import add_problem_handlers
from api.request_id import RequestId
from api.routes.receipts import RECEIPTS
from api.security_headers import SecurityHeaders

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_DESCRIPTION = """
Durable payment operations. Amounts are whole minor units (cents) with their `currency`.

* Send an API key as a bearer token: **Authorize** above. `bursar keys create` makes one.
* Every POST that creates or moves something needs an `Idempotency-Key`; a repeat under it is answered the same.
* Errors are problem documents (RFC 9457): `code` is stable, `next_step` says what to do, `request_id` finds it in logs.
* `Prefer: wait=10` waits for a flow to settle; otherwise it is answered 202 and goes on by itself.
"""


def create_app(context: ApiContext, routers: Sequence[APIRouter], *, lifespan: Lifespan | None = None) -> FastAPI:
    """The application over these parts. Every router comes from `api.router.router`, webhooks apart."""
    app = DescribedApi(
        title="Bursar",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.context = context
    add_problem_handlers(app)
    for router in (health, *routers, codec):
        _require_strict(router)
        # as they are: each has its prefix and its dependencies, and including would work them all out once more
        app.router.routes.extend(router.routes)
    add_docs_page(app)
    add_login_page(app)
    settings = context.settings
    # the last one added is the outermost
    app.add_middleware(
        BodyLimit,
        limit_bytes=settings.api.body_limit_bytes,
        file_limit_bytes=settings.receipts.limit_bytes,
        files=RECEIPTS,
    )
    app.add_middleware(Admission, most=settings.api.concurrent_requests)
    app.add_middleware(LastResort)
    app.add_middleware(CodecCors, ui_url=settings.temporal.ui_url)
    app.add_middleware(SecurityHeaders, over_tls=settings.api.public_url.startswith("https://"))
    app.add_middleware(RequestId)
    return app


def _require_strict(router: APIRouter) -> None:
    for route in router.routes:
        if isinstance(route, APIRoute) and route.body_field is not None and not isinstance(route, StrictRoute):
            raise TypeError(f"{route.path} reads JSON leniently: make its router with api.router.router")
