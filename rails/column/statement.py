"""Column's lists as news: every book transfer, ACH transfer and check that left our accounts, as it stands."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from domain.inbox import Received
from rails.base import EvidenceUnavailable
from rails.column.event import NotAnEvent, read_event
from rails.column.listing import Listing, made_at
from rails.column.operations import ACH_TRANSFER, BOOK_TRANSFER, CHECK_ISSUE, TRANSFERS
from rails.listed import Debit, Listed

_EVENTS = {
    BOOK_TRANSFER: "book.transfer.",
    ACH_TRANSFER: "ach.outgoing_transfer.",
    CHECK_ISSUE: "check.incoming_debit.",
}
_NOTHING_FOLLOWS = frozenset({"of_no_concern", "change_asked"})


WIRES = ("/transfers/wire", "/transfers/international-wire", "/transfers/realtime")
"""Lists of what we never ask for: a person sends it in the bank's pages, or somebody else does."""


class ColumnStatement:
    """Lists by operation for what our requests make, and all wires for what they do not."""

    source = "column"
    operations: Mapping[str, bool] = {BOOK_TRANSFER: False, ACH_TRANSFER: True, CHECK_ISSUE: True}

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    async def listed(self, operation: str, since: datetime) -> AsyncIterator[Listed]:
        """What left our accounts since then, newest first. Raises EvidenceUnavailable."""
        async for transfer in self._listing.since(TRANSFERS[operation].listing, since):
            if not transfer.get("is_incoming"):
                yield as_listed(operation, transfer)

    async def debits(self, since: datetime) -> AsyncIterator[Debit]:
        """Every wire that left our accounts since then. Raises EvidenceUnavailable."""
        for path in WIRES:
            async for transfer in self._listing.since(path, since):
                if not transfer.get("is_incoming"):
                    yield as_debit(transfer)

    async def names_of(self, rail_id: str) -> frozenset[str]:
        """A transfer has one id."""
        return frozenset({rail_id})

    async def read(self, operation: str, rail_id: str) -> Listed | None:
        """One transfer, or None when Column knows none of that id. Raises EvidenceUnavailable."""
        transfer = await self._listing.one(TRANSFERS[operation].listing, rail_id)
        return None if transfer is None else as_listed(operation, transfer)


def as_listed(operation: str, transfer: Mapping[str, Any]) -> Listed:
    """A transfer as the webhook about its present state would tell it. Raises EvidenceUnavailable."""
    kind = _EVENTS[operation] + str(transfer.get("status", "")).lower()
    body = {"id": "listing", "type": kind, "created_at": transfer.get("updated_at"), "data": transfer}
    try:
        event = read_event(json.dumps(body).encode())
    except NotAnEvent:
        raise EvidenceUnavailable("listing: a transfer that cannot be read") from None
    event_id = f"listing/{event.transfer_id}/{event.stage}"
    return Listed(
        received=Received(
            source="column",
            event_id=event_id,
            kind=kind,
            subject=event.transfer_id,
            payload=json.dumps(body | {"id": event_id}, separators=(",", ":")).encode(),
            reference=event.reference or None,
        ),
        made_at=made_at(transfer),
        amount=event.amount,
        currency=event.currency,
        stage=event.stage,
        follows=event.meaning not in _NOTHING_FOLLOWS,
        shown={
            "transfer_id": event.transfer_id,
            "amount": event.amount,
            "currency": event.currency,
            "status": event.stage,
            "description": event.reference[:100],
            "created_at": str(transfer.get("created_at"))[:40],
        },
    )


def as_debit(transfer: Mapping[str, Any]) -> Debit:
    """A wire of any kind. Raises EvidenceUnavailable."""
    try:
        transfer_id, amount, currency = transfer["id"], int(transfer["amount"]), str(transfer["currency_code"])
    except (KeyError, TypeError, ValueError):
        raise EvidenceUnavailable("listing: a wire that cannot be read") from None
    names = (transfer_id, transfer.get("imad"), transfer.get("omad"), transfer.get("uetr"))
    written = f"{transfer.get('description')} {transfer.get('remittance_info')}"
    return Debit(
        source="column",
        rail="by_hand",
        id=str(transfer_id),
        names=frozenset(str(name) for name in names if name),
        text=written,
        amount=amount,
        currency=currency,
        made_at=made_at(transfer),
        shown={
            "transfer_id": transfer_id,
            "amount": amount,
            "currency": currency,
            "description": str(transfer.get("description"))[:100],
            "created_at": str(transfer.get("created_at"))[:40],
        },
    )
