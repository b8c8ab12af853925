"""The path of every request to a partner: journal, faults, the partner's own processing, answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.faults import Action, Fault, FaultBook
from sandbox.journal import Call, Journal
from sandbox.listener import TRANSPORT
from sandbox.waiting import wait
from sandbox.wire import Answer, Wire

BODY_LIMIT = 256 * 1024


class BodyTooLargeError(Exception):
    """A request body beyond what any contract of a partner needs."""


async def read_body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise BodyTooLargeError
    return body


async def _nothing() -> None:
    return None


class Exchange:
    """``process`` runs without awaiting and commits before any fault "after" strikes."""

    def __init__(
        self,
        partner: str,
        wire: Wire,
        *,
        journal: Journal,
        faults: FaultBook,
        stopping: asyncio.Event,
        deliver_first: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self.partner = partner
        self._wire = wire
        self._journal = journal
        self._faults = faults
        self._stopping = stopping
        self._deliver_first = deliver_first

    def nowhere(self, document: Any) -> Route:
        """The last route of a partner: journals what fits no other, and answers 404 with ``document``."""

        async def endpoint(request: Request) -> Response:
            call = Call("unknown", reference=f"{request.method} {request.url.path}"[:255])
            return await self.answer(request, call, lambda: Answer(document, "not_found", status=404))

        return Route("/{path:path}", endpoint, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])

    async def answer(self, request: Request, call: Call, process: Callable[[], Answer]) -> Response:
        fault = self._faults.take(self.partner, call)
        entry = self._journal.received(self.partner, call, fault.kind if fault else None)
        response = None
        if fault is not None and fault.stage == "before":
            response = await self._strike(request, fault)
        if response is None:
            answer = process()
            self._journal.processed(entry, took_effect=answer.took_effect, outcome=answer.outcome)
            if fault is not None and fault.stage == "after":
                answer = await self._twist(fault, answer)
                response = await self._strike(request, fault)
            if answer.delay_ms:
                await wait(self._stopping, seconds=answer.delay_ms / 1000)
            if response is None:
                response = self._response(answer)
        self._journal.answered(entry, "connection cut" if isinstance(response, _Cut) else str(response.status_code))
        return response

    async def _twist(self, fault: Fault, answer: Answer) -> Answer:
        if fault.action is Action.WRONG_AMOUNT:
            return replace(answer, document=self._wire.with_wrong_amount(answer.document))
        if fault.action is Action.WRONG_REFERENCE:
            return replace(answer, document=self._wire.with_wrong_reference(answer.document))
        if fault.action is Action.WEBHOOK_FIRST:
            await self._deliver_first()
        return answer

    async def _strike(self, request: Request, fault: Fault) -> Response | None:
        """A response that replaces the partner's own, or None where the fault only takes time."""
        if fault.delay_ms:
            await wait(self._stopping, seconds=fault.delay_ms / 1000)
        if fault.action is Action.PAUSE:
            fault.waiting += 1
            await wait(fault.released, self._stopping)
            fault.waiting -= 1
        if fault.action is Action.CUT or self._stopping.is_set():
            return await _cut(request)
        if fault.action is Action.MALFORMED:
            return Response(self._wire.malformed(), fault.status, media_type=self._wire.media_type)
        if fault.action is Action.STATUS:
            return Response(self._wire.failure(fault.status), fault.status, media_type=self._wire.media_type)
        return None

    def _response(self, answer: Answer) -> Response:
        return Response(
            self._wire.render(answer.document),
            answer.status,
            headers=dict(answer.headers),
            media_type=answer.media_type or self._wire.media_type,
        )


class _Cut(Response):
    """Stands for no answer at all; the server drops it because the connection is gone."""


async def _cut(request: Request) -> Response:
    """Abort the TCP connection: the client reads end of stream or a reset, and not one byte of HTTP."""
    transport: asyncio.Transport = request.scope[TRANSPORT]
    transport.abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return _Cut()
