"""Which path does what, and whether Column documents an idempotency key for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from sandbox.column.counterparties import institution
from sandbox.column.events import document as event_document
from sandbox.column.form import Fields
from sandbox.column.partner import Column

Document = dict[str, Any]


@dataclass(frozen=True)
class Post:
    """A call that changes something. ``act`` gets the fields, the id in the path or "", and the idempotency key.

    A key is asked for on every POST; ``keyed`` is false where a repeat acts again all the same.
    """

    path: str
    operation: str
    act: Callable[[Fields, str, str], Document]
    keyed: bool = True


@dataclass(frozen=True)
class Get:
    path: str
    operation: str
    read: Callable[[Request], Document]


def posts(column: Column) -> list[Post]:
    book, ach, network, checks = column.book_transfers, column.ach_transfers, column.ach_network, column.checks
    incoming, parties = column.incoming_ach, column.counterparties
    ach_path, checks_path = "/transfers/ach", "/transfers/checks"
    return [
        Post("/transfers/book", "book_transfers.create", lambda form, _, key: book.create(form, key)),
        Post(ach_path, "ach_transfers.create", lambda form, _, key: ach.create(form, key)),
        Post(f"{ach_path}/{{id}}/reverse", "ach_transfers.reverse", lambda form, id_, key: ach.reverse(id_, form, key)),
        Post(f"{ach_path}/{{id}}/cancel", "ach_transfers.cancel", lambda _, id_, __: network.cancel(id_), keyed=False),
        Post(
            f"{ach_path}/{{id}}/return",
            "ach_transfers.return",
            lambda form, id_, _: incoming.send_back(id_, form),
            keyed=False,
        ),
        Post(f"{checks_path}/issue", "check_transfers.issue", lambda form, _, key: checks.issue(form, key)),
        Post(
            f"{checks_path}/{{id}}/stop-payment",
            "check_transfers.stop_payment",
            lambda form, id_, _: checks.stop(id_, form),
            keyed=False,
        ),
        Post(
            "/counterparties",
            "counterparties.create",
            lambda form, _, __: parties.document(parties.create(form)),
            keyed=False,
        ),
    ]


def gets(column: Column) -> list[Get]:
    parties, events = column.counterparties, column.events
    return [
        *_transfers(column, "book", "/transfers/book"),
        *_transfers(column, "ach", "/transfers/ach"),
        *_transfers(column, "check", "/transfers/checks"),
        *_transfers(column, "wire", "/transfers/wire"),
        *_transfers(column, "international_wire", "/transfers/international-wire"),
        *_transfers(column, "realtime", "/transfers/realtime"),
        Get("/bank-accounts/{id}", "bank_accounts.get", lambda request: column.accounts.document(_id(request))),
        Get("/institutions/{id}", "institutions.get", lambda request: institution(_id(request))),
        Get("/counterparties/{id}", "counterparties.get", lambda request: parties.document(parties.get(_id(request)))),
        Get("/events", "events.list", lambda request: events.page(request.query_params)),
        Get("/events/{id}", "events.get", lambda request: event_document(events.get(_id(request)))),
    ]


def _transfers(column: Column, kind: str, path: str) -> tuple[Get, Get]:
    transfers = column.transfers
    return (
        Get(path, f"{kind}_transfers.list", lambda request: transfers.page(kind, request.query_params)),
        Get(f"{path}/{{id}}", f"{kind}_transfers.get", lambda request: transfers.get(kind, _id(request))),
    )


def _id(request: Request) -> str:
    name: str = request.path_params["id"]
    return name
