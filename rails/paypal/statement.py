"""PayPal's batches as news: it lists none, each of ours is read. What left the balance at all, it lists."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from domain.errors import InvalidInput
from domain.inbox import Received
from domain.money import Money
from rails.base import EvidenceUnavailable
from rails.listed import Debit, Listed
from rails.paypal.answer import DENIED
from rails.paypal.event import BATCH_WAS_DENIED, ITEM, NotAnEvent, PayPalEvent, read_event
from rails.paypal.rail import PayPalRail


class PayPalStatement:
    """The one item of each batch, as it stands."""

    source = "paypal"
    operations: Mapping[str, bool] = {"payout": True}

    def __init__(self, rail: PayPalRail) -> None:
        self._rail = rail

    async def listed(self, operation: str, since: datetime) -> AsyncIterator[Listed]:
        """Nothing: there is no list of batches."""
        del operation, since
        batches: tuple[Listed, ...] = ()
        for batch in batches:
            yield batch

    async def debits(self, since: datetime) -> AsyncIterator[Debit]:
        """Payments out of our balance. Raises EvidenceUnavailable."""
        async for debit in self._rail.debits(since):
            yield debit

    async def names_of(self, rail_id: str) -> frozenset[str]:
        """The transaction of the batch's item; none before PayPal has processed it. Raises EvidenceUnavailable."""
        batch = await self._rail.batch(rail_id)
        items = (batch or {}).get("items")
        found = [item.get("transaction_id") for item in items if isinstance(item, dict)] if items else []
        return frozenset(str(name) for name in found if name)

    async def read(self, operation: str, rail_id: str) -> Listed | None:
        """A batch by its id, or None when PayPal has none. Raises EvidenceUnavailable."""
        del operation
        batch = await self._rail.batch(rail_id)
        return None if batch is None else as_listed(batch)


def as_listed(batch: Mapping[str, Any]) -> Listed:
    """The batch's item as the webhook about its present state would tell it. Raises EvidenceUnavailable."""
    try:
        header = batch["batch_header"]
        if header["batch_status"] == DENIED:
            return _denied(header)
        (item,) = batch["items"]
        # in a batch the item need not repeat what its header says
        item = {"sender_batch_id": header["sender_batch_header"]["sender_batch_id"], **item}
        status = str(item["transaction_status"]).upper()
        event_id = f"listing/{item['payout_item_id']}/{status.lower()}"
        body = json.dumps({"id": event_id, "event_type": f"{ITEM}{status}", "resource": item}).encode()
        event, made_at = read_event(body), datetime.fromisoformat(header["time_created"])
        money = Money.parse(event.value, event.currency, field="value")
    except (NotAnEvent, InvalidInput, ValueError, KeyError, TypeError):
        raise EvidenceUnavailable("batch: cannot be read") from None
    return _listed(event, body, made_at, money, status)


def _denied(header: Mapping[str, Any]) -> Listed:
    """A batch that PayPal has denied; it need not show an item."""
    event_id = f"listing/{header['payout_batch_id']}/denied"
    shown = {"id": event_id, "event_type": BATCH_WAS_DENIED, "resource": {"batch_header": header}}
    body = json.dumps(shown).encode()
    amount = header["amount"]
    money = Money.parse(amount["value"], amount["currency"], field="value")
    return _listed(read_event(body), body, datetime.fromisoformat(header["time_created"]), money, DENIED)


def _listed(event: PayPalEvent, body: bytes, made_at: datetime, money: Money, status: str) -> Listed:
    return Listed(
        received=Received(
            source="paypal",
            event_id=event.event_id,
            kind=event.type,
            subject=event.batch_id,
            payload=body,
            reference=event.reference or None,
        ),
        made_at=made_at,
        amount=money.minor_units,
        currency=money.currency,
        stage=status.lower(),
        follows=event.meaning != "of_no_concern",
        shown={
            "transfer_id": event.batch_id,
            "amount": money.decimal_text(),
            "currency": money.currency,
            "status": status,
        },
    )
