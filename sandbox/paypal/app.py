"""PayPal's HTTP face: bearer tokens, JSON in and out."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.exchange import BodyTooLargeError, Exchange, read_body
from sandbox.faults import FaultBook
from sandbox.journal import Call, Journal
from sandbox.paypal.errors import PayPalError, invalid, not_found
from sandbox.paypal.partner import PayPal
from sandbox.paypal.reporting import transactions
from sandbox.paypal.wire import PayPalWire
from sandbox.wire import Answer

Document = dict[str, Any]
_EVENT = b'"webhook_event":'


def create_app(paypal: PayPal, journal: Journal, faults: FaultBook, stopping: asyncio.Event) -> Starlette:
    exchange = Exchange(
        paypal.name,
        PayPalWire(),
        journal=journal,
        faults=faults,
        stopping=stopping,
        deliver_first=paypal.webhooks.flush,
    )
    face = _Face(paypal, exchange)
    return Starlette(
        routes=[
            Route("/v1/oauth2/token", face.token, methods=["POST"]),
            Route("/v1/payments/payouts", face.create, methods=["POST"]),
            Route("/v1/payments/payouts/{id}", face.read("payouts.get", paypal.payouts.batch), methods=["GET"]),
            Route("/v1/payments/payouts-item/{id}", face.read("items.get", paypal.payouts.item), methods=["GET"]),
            Route("/v1/reporting/balances", face.balances, methods=["GET"]),
            Route("/v1/reporting/transactions", face.transactions, methods=["GET"]),
            Route("/v1/notifications/verify-webhook-signature", face.verify, methods=["POST"]),
            exchange.nowhere(not_found().document),
        ]
    )


class _Face:
    def __init__(self, paypal: PayPal, exchange: Exchange) -> None:
        self._paypal = paypal
        self._exchange = exchange

    async def token(self, request: Request) -> Response:
        form = parse_qs((await read_body(request)).decode("ascii", "replace"))
        authorization = request.headers.get("Authorization", "")
        grant = form.get("grant_type", [""])[0]
        return await self._answer(
            request, Call("oauth2.token"), lambda: self._paypal.access.token(authorization, grant), open_to_all=True
        )

    async def create(self, request: Request) -> Response:
        body, problem = await _json(request)
        reference, amount = _shown(body)

        def act() -> Document:
            if problem is not None:
                raise problem
            return self._paypal.payouts.create(body)

        call = Call("payouts.create", reference=reference, amount=amount)
        return await self._answer(request, call, act, status=201)

    def read(self, operation: str, look: Callable[[str], Document]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            name = request.path_params["id"]
            return await self._answer(request, Call(operation, reference=name[:255]), lambda: look(name))

        return endpoint

    async def balances(self, request: Request) -> Response:
        def act() -> Document:
            cents = self._paypal.payouts.balance()
            value = {"currency_code": "USD", "value": f"{cents // 100}.{cents % 100:02d}"}
            return {"balances": [{"currency": "USD", "primary": True, "total_balance": value}]}

        return await self._answer(request, Call("balances.list"), act)

    async def transactions(self, request: Request) -> Response:
        def act() -> Document:
            return transactions(self._paypal.books, request.query_params)

        return await self._answer(request, Call("transactions.list"), act)

    async def verify(self, request: Request) -> Response:
        raw = await read_body(request)

        def act() -> Document:
            # the checksum is over the event as it was sent: what re-writes it is not verified
            asked, (_, _, event) = json.loads(raw), raw.partition(_EVENT)
            return dict(self._paypal.access.verify(asked, event.strip().removesuffix(b"}")))

        return await self._answer(request, Call("webhooks.verify"), act)

    async def _answer(
        self,
        request: Request,
        call: Call,
        act: Callable[[], Document],
        *,
        status: int = 200,
        open_to_all: bool = False,
    ) -> Response:
        def process() -> Answer:
            try:
                with self._paypal.books.transaction():
                    if not open_to_all:
                        self._paypal.access.require(request.headers.get("Authorization", ""))
                    document = act()
            except PayPalError as error:
                return Answer(error.document, error.name, status=error.status)
            self._paypal.webhooks.wake()
            effect = call.operation == "payouts.create"
            return Answer(document, "applied" if effect else "read", took_effect=effect, status=status)

        return await self._exchange.answer(request, call, process)


async def _json(request: Request) -> tuple[Document, PayPalError | None]:
    try:
        body = json.loads(await read_body(request))
    except (ValueError, BodyTooLargeError):
        return {}, PayPalError("MALFORMED_REQUEST", "The request could not be read.")
    return (body, None) if isinstance(body, dict) else ({}, invalid("body", "Must be an object"))


def _shown(body: Document) -> tuple[str | None, int | None]:
    """For the journal: our reference, and the amount in cents; nothing of the receiver."""
    try:
        value = body["items"][0]["amount"]["value"].replace(".", "")
        return str(body["sender_batch_header"]["sender_batch_id"])[:255], int(value)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None, None
