"""Column's HTTP face: basic authentication, form-encoded bodies, JSON answers."""

import asyncio
import base64
import hmac
import re
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.column.errors import ColumnError, not_found
from sandbox.column.form import parse_form
from sandbox.column.idempotency import check_key, fingerprint
from sandbox.column.partner import Column
from sandbox.column.routes import Document, Get, Post, gets, posts
from sandbox.column.wire import ColumnWire
from sandbox.exchange import BodyTooLargeError, Exchange, read_body
from sandbox.faults import FaultBook
from sandbox.journal import Call, Journal
from sandbox.wire import Answer


def create_app(column: Column, journal: Journal, faults: FaultBook, stopping: asyncio.Event) -> Starlette:
    exchange = Exchange(
        column.name,
        ColumnWire(),
        journal=journal,
        faults=faults,
        stopping=stopping,
        deliver_first=column.webhooks.flush,
    )
    return Starlette(
        routes=[
            *(Route(post.path, _post_endpoint(column, exchange, post), methods=["POST"]) for post in posts(column)),
            *(Route(get.path, _get_endpoint(column, exchange, get), methods=["GET"]) for get in gets(column)),
            exchange.nowhere(not_found("path").document),
        ]
    )


def _post_endpoint(column: Column, exchange: Exchange, post: Post) -> Callable[..., object]:
    async def endpoint(request: Request) -> Response:
        body, problem = await _fields(request)
        key, path_id = request.headers.get("Idempotency-Key", ""), request.path_params.get("id", "")

        def act() -> tuple[Document, bool]:
            _authenticate(column, request)
            if problem is not None:
                raise problem
            check_key(key)
            if not post.keyed:
                return post.act(body, path_id, key), False
            print_ = fingerprint(request.url.path, body)
            return column.keys.once(key, print_, lambda: post.act(body, path_id, key))

        def process() -> Answer:
            try:
                with column.books.transaction():
                    document, replayed = act()
            except ColumnError as error:
                return Answer(error.document, error.code, status=error.status)
            column.webhooks.wake()
            return Answer(document, "replayed" if replayed else "applied", took_effect=not replayed)

        return await exchange.answer(request, _call(post.operation, key, path_id, body), process)

    return endpoint


def _get_endpoint(column: Column, exchange: Exchange, get: Get) -> Callable[..., object]:
    async def endpoint(request: Request) -> Response:
        def process() -> Answer:
            try:
                _authenticate(column, request)
                return Answer(get.read(request), "read")
            except ColumnError as error:
                return Answer(error.document, error.code, status=error.status)

        return await exchange.answer(request, Call(get.operation, request.path_params.get("id")), process)

    return endpoint


async def _fields(request: Request) -> tuple[Document, ColumnError | None]:
    try:
        return parse_form(await read_body(request), request.headers.get("content-type", "")), None
    except ColumnError as error:
        return {}, error
    except BodyTooLargeError:
        return {}, ColumnError("invalid_request_error", "body_too_large", "The body is too large.", status=413)


def _authenticate(column: Column, request: Request) -> None:
    expected = "Basic " + base64.b64encode(f":{column.config.api_key}".encode()).decode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
        raise ColumnError("authentication_error", "invalid_api_key", "No valid API key provided.", status=401)


def _call(operation: str, key: str, path_id: str, body: Document) -> Call:
    """For the journal: the key as reference, the account as last four, and ids; nothing else of the body."""
    amount = body.get("amount") or body.get("positive_pay_amount")
    counterparty = body.get("counterparty")
    account = (counterparty if isinstance(counterparty, dict) else body).get("account_number")
    shown = (
        "sender_bank_account_id",
        "receiver_bank_account_id",
        "account_number_id",
        "counterparty_id",
        "description",
    )
    detail = {name: body[name][:80] for name in shown if isinstance(body.get(name), str)}
    return Call(
        operation,
        reference=key[:255] or None,
        amount=int(amount) if isinstance(amount, str) and re.fullmatch(r"\d{1,15}", amount, re.ASCII) else None,
        last_four=account[-4:] if isinstance(account, str) and len(account) > 4 else None,
        detail=detail | ({"id": path_id} if path_id else {}),
    )
