"""A man in the middle who repeats what he hears: partners' answers that hold the very secrets they were sent."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.serving import serving

_HOP = {"host", "content-length", "transfer-encoding", "connection"}
Garbage = str | None


class Chatterbox:
    """Forwards to a partner, or answers by itself as `garbage` says: ``page``, ``decline`` or ``error``."""

    def __init__(self, target: str) -> None:
        self.url = ""
        self.garbage: Garbage = None
        self.repeated = 0
        self._client = httpx.AsyncClient(base_url=target, timeout=10)

    async def answer(self, request: Request) -> Response:
        """One request."""
        body = await request.body()
        if self.garbage is not None and request.method == "POST":
            self.repeated += 1
            return _repeat(self.garbage, request.headers, body)
        headers = {name: value for name, value in request.headers.items() if name not in _HOP}
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        answer = await self._client.request(request.method, path, content=body, headers=headers)
        kept = {name: value for name, value in answer.headers.items() if name not in _HOP | {"content-encoding"}}
        return Response(answer.content, answer.status_code, kept)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


def _repeat(kind: str, headers: Mapping[str, str], body: bytes) -> Response:
    heard = body.decode() + json.dumps(dict(headers))
    if kind == "page":
        return Response(f"<html>Unhandled exception while processing {heard}</html>", 200, media_type="text/html")
    if kind == "error":
        told = {"type": "invalid_request_error", "code": "odd", "message": heard, "details": {"heard": heard}}
        return Response(json.dumps(told), 400, media_type="application/json")
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    text = f"NO ACCOUNT {form.get('ACCOUNT_NBR')} OF {form.get('FIRST_NAME')} {form.get('LAST_NAME')}"
    fields = {**form, "AUTH_RESP": "14", "AUTH_RESP_TEXT": text, "ECHO_NBR": form.get("ACCOUNT_NBR", "")}
    inner = "".join(f'<FIELD KEY="{name}">{value}</FIELD>' for name, value in fields.items())
    return Response(f"<RESPONSE><FIELDS>{inner}</FIELDS></RESPONSE>", 200, media_type="text/xml")


@asynccontextmanager
async def chatterbox(target: str) -> AsyncIterator[Chatterbox]:
    """A running one on a free port."""
    opened = Chatterbox(target)
    app = Starlette(routes=[Route("/{path:path}", opened.answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])])
    try:
        async with serving(app) as opened.url:
            yield opened
    finally:
        await opened.close()
