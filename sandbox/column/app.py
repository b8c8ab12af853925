"""Column's HTTP face: basic authentication, form-encoded bodies, JSON answers."""

import asyncio
import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.column.counterparties import institution
from sandbox.column.errors import ColumnError
from sandbox.column.form import Fields, parse_form
from sandbox.column.idempotency import check_key, fingerprint
from sandbox.column.partner import Column
from sandbox.column.wire import ColumnWire
from sandbox.exchange import BodyTooLargeError, Exchange, read_body
from sandbox.faults import FaultBook
from sandbox.journal import Call, Journal
from sandbox.wire import Answer

Document = dict[str, Any]


@dataclass(frozen=True)
class Post:
    """A call that changes something. ``keyed`` is false where Column documents no idempotency."""

    path: str
    operation: str
    act: Callable[[Fields, str, str], Document]  # fields, id in the path or "", idempotency key
    keyed: bool = True


@dataclass(frozen=True)
class Get:
    path: str
    operation: str
    read: Callable[[Request], Document]


def create_app(column: Column, journal: Journal, faults: FaultBook, stopping: asyncio.Event) -> Starlette:
    exchange = Exchange(
        column.name,
        ColumnWire(),
        journal=journal,
        faults=faults,
        stopping=stopping,
        deliver_first=column.webhooks.flush,
    )
    posts, gets = _posts(column), _gets(column)
    return Starlette(
        routes=[
            *(Route(post.path, _post_endpoint(column, exchange, post), methods=["POST"]) for post in posts),
            *(Route(get.path, _get_endpoint(column, exchange, get), methods=["GET"]) for get in gets),
        ]
    )


def _posts(column: Column) -> list[Post]:
    ach, books = column.ach_transfers, column.book_transfers
    return [
        Post("/transfers/book", "book_transfers.create", lambda f, _, key: books.create(f, key)),
        Post("/transfers/ach", "ach_transfers.create", lambda f, _, key: ach.create(f, key)),
        Post("/transfers/ach/{id}/reverse", "ach_transfers.reverse", lambda f, id_, key: ach.reverse(id_, f, key)),
        Post("/transfers/ach/{id}/cancel", "ach_transfers.cancel", lambda _, id_, __: ach.cancel(id_), keyed=False),
        Post(
            "/counterparties",
            "counterparties.create",
            lambda f, _, __: column.counterparties.document(column.counterparties.create(f)),
            keyed=False,
        ),
    ]  # fmt: skip


def _gets(column: Column) -> list[Get]:
    def named(request: Request) -> str:
        name: str = request.path_params["id"]
        return name

    def transfer(kind: str) -> tuple[Get, Get]:
        return (
            Get(f"/transfers/{kind}", f"{kind}_transfers.list", lambda r: column.transfers.page(kind, r.query_params)),
            Get(f"/transfers/{kind}/{{id}}", f"{kind}_transfers.get", lambda r: column.transfers.get(kind, named(r))),
        )

    return [
        *transfer("book"),
        *transfer("ach"),
        Get("/bank-accounts/{id}", "bank_accounts.get", lambda r: column.accounts.document(named(r))),
        Get("/institutions/{id}", "institutions.get", lambda r: institution(named(r))),
        Get(
            "/counterparties/{id}",
            "counterparties.get",
            lambda r: column.counterparties.document(column.counterparties.get(named(r))),
        ),
    ]


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
        amount=int(amount) if isinstance(amount, str) and amount.isascii() and amount.isdigit() else None,
        last_four=account[-4:] if isinstance(account, str) and len(account) > 4 else None,
        detail=detail | ({"id": path_id} if path_id else {}),
    )
