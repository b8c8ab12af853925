"""Idempotency keys: a request that creates or moves something takes effect once, however often it is sent.

Key, resource and the row that starts the workflow are written in one transaction. A request that is refused leaves
nothing behind, its key included, so it may be corrected and sent again under the same key.
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any

import structlog
from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import RowMapping
from starlette.responses import Response

from api.admission import place_kept, place_left
from api.auth import Asker
from api.context import ApiContext, Context
from api.prefer import Prefer, until, wait_seconds
from api.request_id import route_of
from db.queries import idempotency as keys
from db.repeat import repeated
from db.unit_of_work import UnitOfWork
from db.workflow_run import OutboxRow
from domain.errors import IdempotencyKeyMissing, IdempotencyKeyReused, InvalidInput, RequestStillRunning
from domain.principal import Principal

REPLAYED = "Idempotent-Replayed"
_ACCEPTABLE = re.compile(r"[\x21-\x7e]{1,255}")
_GRACE_SECONDS = 15
_START_SECONDS = 3

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered, and what a repeat of it will be answered: it holds no secrets."""

    status: int
    body: BaseModel
    headers: Mapping[str, str] = field(default_factory=dict)
    shown_once: BaseModel | None = None
    """The body with what is not kept (a new secret): in the first answer only, a repeat is answered `body`."""


Deed = Callable[[UnitOfWork], Awaitable[Answer]]
Look = Callable[[UnitOfWork], Awaitable[Answer | None]]


@dataclass(frozen=True, slots=True)
class Idempotent:
    """A request with its Idempotency-Key, ready to take effect once."""

    context: ApiContext
    asker: Principal
    key: str
    route: str
    request_hmac: bytes
    wait_seconds: float
    request: Request = field(repr=False)

    async def answer(self, deed: Deed, settled: Look | None = None) -> Response:
        """Do it and answer, or answer as before.

        `deed` writes the resource and says what to answer now; it touches nothing but its unit of work, as it is done
        again when the database ended that for a deadlock. `settled`, when the caller prefers to wait, says what to
        answer once the flow has settled and None until then; it is asked in transactions of its own.
        """
        waits = settled is not None and self.wait_seconds > 0

        async def once() -> tuple[Answer | RowMapping, list[OutboxRow]]:
            async with self._work(delivers=True) as uow:
                standing = await keys.claim(uow, self.key, self.route, self.request_hmac, self._keep())
                if standing is not None:
                    return standing, []
                await uow.audit("request.accepted", "request", self.asker.request_id, {"route": self.route})
                answer = await deed(uow)
                await keys.answer(uow, self.key, None if waits else answer.status, _stored(answer))
            return answer, uow.outbox

        answer, outbox = await repeated(once)
        if not isinstance(answer, Answer):
            return self._replay(answer)
        if waits and settled is not None:
            await self._start(outbox)
            return _response(await self._wait(settled, answer), waited=True)
        if outbox:
            # what was accepted stands in the database: the caller need not wait for Temporal to hear of it, nor does
            # the next request on this connection, as it would for a background task of the response
            task = asyncio.create_task(self._start_later(outbox))
            self.context.starting.add(task)
            task.add_done_callback(self.context.starting.discard)
        return _response(_stored(answer if answer.shown_once is None else replace(answer, body=answer.shown_once)))

    async def _start_later(self, outbox: list[OutboxRow]) -> None:
        with place_kept(self.request):
            await self._start(outbox)

    async def _start(self, outbox: list[OutboxRow]) -> None:
        if not outbox:
            return
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self.context.after_commit(outbox)
        except Exception as error:  # noqa: BLE001 - the rows stand; the workers' loop starts what was not started
            log.warning("start_left_to_workers", error=type(error).__name__, rows=len(outbox))

    async def _wait(self, settled: Look, answer: Answer) -> dict[str, Any]:
        async def look() -> Answer | None:
            async with self._work() as uow:
                return await settled(uow)

        with place_left(self.request):
            final = await until(look, self.wait_seconds) or answer
        async with self._work() as uow:
            await keys.answer(uow, self.key, final.status, _stored(final))
        return _stored(final)

    def _replay(self, standing: RowMapping) -> Response:
        if not hmac.compare_digest(standing["request_hmac"], self.request_hmac):
            raise IdempotencyKeyReused
        longest = self.context.settings.api.longest_wait_seconds + _GRACE_SECONDS
        if standing["status"] is None and standing["age_seconds"] < longest:
            raise RequestStillRunning
        return _response(standing["response"], replayed=True)

    def _work(self, *, delivers: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        return self.context.database.unit_of_work(
            self.asker.organization_id,
            actor=self.asker.actor,
            request_id=self.asker.request_id,
            party=self.asker.party,
            delivers=delivers,
        )

    def _keep(self) -> timedelta:
        return timedelta(hours=self.context.settings.api.idempotency_key_hours)


async def idempotent(
    request: Request,
    asker: Asker,
    context: Context,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Required. Chosen by the caller, one for each thing that is to happen; a repeat uses it again.",
        ),
    ] = None,
    prefer: Prefer = None,
) -> Idempotent:
    """The dependency of every route that creates or moves something."""
    if key is None:
        raise IdempotencyKeyMissing
    if not _ACCEPTABLE.fullmatch(key):
        raise InvalidInput("Idempotency-Key", "Must be 1 to 255 printable ASCII characters without blanks.")
    route = f"{request.method} {route_of(request.scope)}"
    # the same under a key in another's name is another request
    name = "" if asker.party is None else f"{asker.party.kind} {asker.party.id}"
    signed = f"{request.method} {request.url.path}?{request.url.query}\n{name}\n".encode() + await request.body()
    signing_key = context.database.keyring.signing_key("idempotency")
    return Idempotent(
        context=context,
        asker=asker,
        key=key,
        route=route,
        request_hmac=hmac.digest(signing_key, signed, sha256),
        wait_seconds=wait_seconds(prefer, context.settings.api.longest_wait_seconds),
        request=request,
    )


Once = Annotated[Idempotent, Depends(idempotent)]


def _stored(answer: Answer) -> dict[str, Any]:
    # the body as text: a JSON column would change the order of its keys, and a repeat is answered the same bytes
    return {"status": answer.status, "body": answer.body.model_dump_json(), "headers": dict(answer.headers)}


def _response(stored: Mapping[str, Any], *, replayed: bool = False, waited: bool = False) -> Response:
    headers = dict(stored["headers"])
    if replayed:
        headers[REPLAYED] = "true"
    if waited:
        headers["Preference-Applied"] = "wait"
    return Response(stored["body"], stored["status"], headers, media_type="application/json")
