"""A webhook endpoint that remembers what came and can refuse for a while."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.listener import HttpServer
from tests.sandbox.speakers import Control

SECRET = "sandbox-column-webhook-secret"


class Receiver:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.refuse = 0  # how many deliveries are answered 500 first

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def take(self, request: Request) -> Response:
        body = await request.body()
        expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert request.headers["Column-Signature"] == expected
        if self.refuse:
            self.refuse -= 1
            return Response(status_code=500)
        self.events.append(json.loads(body))
        return Response(status_code=204)


@asynccontextmanager
async def receiving(control: Control, **settings: Any) -> AsyncIterator[Receiver]:
    """A receiver that Column knows."""
    receiver = Receiver()
    server = HttpServer(Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])]), "127.0.0.1", 0)
    await server.listener.accept()
    await control.put("/column/webhook", url=f"{server.url}/hook", **settings)
    try:
        yield receiver
    finally:
        await control.put("/column/webhook", url="")
        await server.close()
