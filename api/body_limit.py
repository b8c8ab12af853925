"""Bounded request bodies: more than the limit is answered 413, whether it is announced or arrives in chunks.

The framework's own limiter answers an announced excess in plain text; here every refusal is a problem document.
"""

import re
from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_handlers import http_problem


class BodyLimit:
    """ASGI middleware. An excess that shows only while the body is read is raised to the reader."""

    def __init__(self, app: ASGIApp, limit_bytes: int, file_limit_bytes: int, files: re.Pattern[str]) -> None:
        """Wrap the application; no body may have more bytes than the limit, which is another one at paths of files."""
        self._app = app
        self._limit = limit_bytes
        self._file_limit = file_limit_bytes
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count what it receives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._file_limit if self._files.fullmatch(scope["path"]) else self._limit
        announced = Headers(scope=scope).get("Content-Length", "0")
        if not announced.isdecimal() or int(announced[:20]) > limit:
            request = Request(scope)
            await http_problem(request, _too_large())(scope, receive, send)
            return
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise _too_large()
            return message

        await self._app(scope, count, send)


def _too_large() -> HTTPException:
    # the rest of the body is not read, so the connection cannot carry another request
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"Connection": "close"})
