"""Chek's HTTP face: ``/api/v1/account/{account_id}/``, two keys, trailing slashes, JSON."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from sandbox.chek import body as request_body
from sandbox.chek.body import Fields
from sandbox.chek.errors import ChekError, not_found
from sandbox.chek.paging import page
from sandbox.chek.partner import Chek
from sandbox.chek.wire import ChekWire
from sandbox.exchange import BodyTooLargeError, Exchange, read_body
from sandbox.faults import FaultBook
from sandbox.journal import Call, Journal
from sandbox.wire import Answer


@dataclass(frozen=True)
class Endpoint:
    """``act`` gets the request, and for a POST its body."""

    method: str
    path: str
    operation: str
    act: Callable[[Request, Fields], Any]


def create_app(chek: Chek, journal: Journal, faults: FaultBook, stopping: asyncio.Event) -> Starlette:
    exchange = Exchange(chek.name, ChekWire(), journal=journal, faults=faults, stopping=stopping)
    routes = [
        Route(endpoint.path, _serve(chek, exchange, endpoint), methods=[endpoint.method])
        for endpoint in _endpoints(chek)
    ]
    strict = Router(
        [*routes, exchange.nowhere(not_found().document)], redirect_slashes=False
    )  # a path without its trailing slash does not exist
    return Starlette(routes=[Mount("/api/v1/account/{account_id}", app=strict), exchange.nowhere(not_found().document)])


def _endpoints(chek: Chek) -> list[Endpoint]:
    users, cards, direct_pay, transfers = chek.users, chek.cards, chek.direct_pay, chek.balance_transfers
    return [
        Endpoint("GET", "/users/", "users.list", lambda r, _: page(r, users.found(r.query_params), users.document)),
        Endpoint("POST", "/users/", "users.create", lambda _, fields: users.create(fields)),
        Endpoint("GET", "/users/{id:int}/", "users.get", lambda r, _: users.document(users.get(_id(r)))),
        Endpoint(
            "POST", "/users/{id:int}/transfer_balance/", "users.transfer_balance",
            lambda r, fields: transfers.of_user(_id(r), fields),
        ),
        Endpoint("POST", "/users/{id:int}/create_card/", "users.create_card", lambda r, f: cards.create(_id(r), f)),
        Endpoint("GET", "/cards/{id:int}/", "cards.get", lambda r, _: cards.document(_id(r))),
        Endpoint(
            "POST", "/cards/{id:int}/transfer_balance/", "cards.transfer_balance",
            lambda r, fields: transfers.of_card(_id(r), fields),
        ),
        Endpoint("POST", "/directpay_accounts/invite/", "directpay.invite", lambda _, f: direct_pay.invite(f)),
        Endpoint(
            "GET", "/directpay_accounts/{id}/", "directpay.get", lambda r, _: direct_pay.document(r.path_params["id"])
        ),
        Endpoint(
            "POST", "/directpay_accounts/{id:int}/send_payment/", "directpay.send_payment",
            lambda r, fields: direct_pay.send_payment(_id(r), fields),
        ),
        Endpoint(
            "GET", "/programs/", "programs.list", lambda r, _: page(r, chek.programs.all(), chek.programs.document)
        ),
    ]  # fmt: skip


def _id(request: Request) -> int:
    number: int = request.path_params["id"]
    if number > request_body.LARGEST_ID:
        raise not_found()
    return number


def _serve(chek: Chek, exchange: Exchange, endpoint: Endpoint) -> Callable[..., object]:
    async def serve(request: Request) -> Response:
        fields, problem = await _fields(request)

        def process() -> Answer:
            try:
                _authorize(chek, request)
                if problem is not None:
                    raise problem
                with chek.books.transaction():
                    document = endpoint.act(request, fields)
            except ChekError as error:
                return Answer(error.document, error.code, status=error.status)
            applied = endpoint.method == "POST"
            return Answer(document, "applied" if applied else "read", took_effect=applied)

        return await exchange.answer(request, _call(endpoint.operation, request, fields), process)

    return serve


async def _fields(request: Request) -> tuple[dict[str, Any], ChekError | None]:
    if request.method == "GET":
        return {}, None
    try:
        return request_body.parse(await read_body(request), request.headers.get("content-type", "")), None
    except ChekError as error:
        return {}, error
    except BodyTooLargeError:
        return {}, ChekError(413, "body_too_large", "The body is too large.")


def _authorize(chek: Chek, request: Request) -> None:
    """API-Key always, Write-Key where something changes."""
    if not hmac.compare_digest(request.headers.get("API-Key", "").encode(), chek.config.api_key.encode()):
        raise ChekError(401, "unauthorized", "Authentication credentials were not provided.")
    writes = request.method in ("POST", "PATCH")
    if writes and not hmac.compare_digest(
        request.headers.get("Write-Key", "").encode(), chek.config.write_key.encode()
    ):
        raise ChekError(403, "forbidden", "You do not have permission to perform this action.")
    if request.path_params["account_id"] != str(chek.config.account_id):
        raise ChekError(404, "not_found", "Not found.")


def _call(operation: str, request: Request, fields: dict[str, Any]) -> Call:
    """For the journal: memo, description or e-mail as reference where there is one, else the id in the path."""
    path_id = request.path_params.get("id")
    named = fields.get("internal_memo") or fields.get("description") or fields.get("email")
    amount = fields.get("amount")
    shown = ("flow_direction", "direction", "counterparty_id", "funding_method", "program_id", "user_id")
    detail = {name: str(fields[name])[:40] for name in shown if name in fields}
    return Call(
        operation,
        reference=named[:255] if isinstance(named, str) else None if path_id is None else str(path_id),
        amount=amount if type(amount) is int else None,
        detail=detail | ({} if path_id is None else {"id": str(path_id)}),
    )
