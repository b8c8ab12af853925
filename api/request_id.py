"""One id per request, from the caller or made here: in the answer, in every log line and in every audit row of it."""

import re
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.ids import new_id, public_id

HEADER = "X-Request-Id"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

log = structlog.get_logger()


class RequestId:
    """ASGI middleware that names each request and logs one line about it: no body, no query, no address with values."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _acceptable(Headers(scope=scope).get(HEADER)) or public_id("req", new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0
        began = ended = time.perf_counter()

        async def name(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)
            ended = time.perf_counter()  # what is done after the answer is no part of it

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, name)
            log.info(
                "request",
                method=scope["method"],
                route=route_of(scope),
                status=status,
                milliseconds=round((ended - began) * 1000),
                key_id=str(scope["state"].get("key_id", "")),
            )


def route_of(scope: Scope) -> str:
    """The route's template, for example ``/v1/ach-debits/{id}``: what was put into it may be anything."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _acceptable(given: str | None) -> str | None:
    return given if given is not None and _ACCEPTABLE.fullmatch(given) else None
