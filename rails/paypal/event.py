"""PayPal's events about payout items: {id, event_type, resource}, where resource is the item as it stands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.errors import InvalidInput
from domain.inbox import InboxEvent
from domain.money import Money
from domain.money_call import MoneyCall, Outcome
from rails.paypal.answer import BATCH_DENIED, DENIED, DENIED_MESSAGE, classify_item

ItemMeaning = Literal["settled", "returned", "denied", "under_way", "not_known", "of_no_concern"]

ITEM = "PAYMENT.PAYOUTS-ITEM."
BATCH_WAS_DENIED = "PAYMENT.PAYOUTSBATCH.DENIED"
MEANINGS: Mapping[str, ItemMeaning] = {
    "SUCCESS": "settled",
    "FAILED": "returned",
    "RETURNED": "returned",
    "REFUNDED": "returned",
    "REVERSED": "returned",
    "CANCELED": "returned",
    "DENIED": "returned",
    "UNCLAIMED": "under_way",
    "BLOCKED": "under_way",
    "ONHOLD": "under_way",
    "NEW": "under_way",
    "PENDING": "under_way",
}
"""By an item's `transaction_status`, which says more than the event's name. A status that is not here is a person's."""

CHARGED = frozenset({"SUCCESS", "UNCLAIMED", "RETURNED", "REFUNDED", "REVERSED"})
"""Where an item's `payout_item_fee` is what it has cost; before, it is an estimate, and what fails costs nothing."""


class NotAnEvent(ValueError):  # noqa: N818 - a fact about a body
    """The body is not an event of PayPal."""


@dataclass(frozen=True, slots=True)
class PayPalEvent:
    """One event. `reference` is our sender_batch_id; `value` is the decimal text of the amount.

    `fee` is what PayPal has taken for the item, minor units of the item's currency; None where it does not say.
    """

    event_id: str
    type: str
    meaning: ItemMeaning
    batch_id: str
    reference: str
    value: str
    currency: str
    status: str
    code: str | None
    reason: str | None
    item: Mapping[str, Any] = field(repr=False)
    fee: int | None = None


def read_event(body: bytes) -> PayPalEvent:
    """Read a webhook's body. Raises NotAnEvent."""
    try:
        document = json.loads(body)
        kind, item = _text(document["event_type"], 80), document["resource"]
        if not kind.startswith(ITEM):
            return _of_batch(_text(document["id"], 200), kind, item.get("batch_header", {}))
        amount, errors = item["payout_item"]["amount"], item.get("errors") or {}
        status = str(item["transaction_status"]).upper()
        return PayPalEvent(
            event_id=_text(document["id"], 200),
            type=kind,
            meaning=MEANINGS.get(status, "not_known"),
            batch_id=_text(item["payout_batch_id"], 60),
            reference=str(item.get("sender_batch_id") or "")[:255],
            value=str(amount["value"]),
            currency=str(amount["currency"]),
            status=status,
            code=_short(errors.get("name"), 40),
            reason=_short(errors.get("message"), 200),
            item=item,
            fee=_fee(item, str(amount["currency"])) if status in CHARGED else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotAnEvent("the body is not an event") from None


def read_outcome(call: MoneyCall, stored: InboxEvent) -> Outcome | None:
    """What a stored event proves about a call in doubt: an item exists only where its batch was taken in."""
    try:
        event = read_event(stored.payload)
    except NotAnEvent:
        return None
    outcome = classify_item(call, event.item)
    return outcome if outcome.state == "applied" else None


def _of_batch(event_id: str, kind: str, batch: Mapping[str, Any]) -> PayPalEvent:
    """Of batches only a denied one says more than its items do: it may have none."""
    batch_id = str(batch.get("payout_batch_id") or "none")[:60]
    reference = str((batch.get("sender_batch_header") or {}).get("sender_batch_id") or "")[:255]
    if kind != BATCH_WAS_DENIED:
        return PayPalEvent(event_id, kind, "of_no_concern", batch_id, reference, "", "", "", None, None, {})
    return PayPalEvent(event_id, kind, "denied", batch_id, reference, "", "", DENIED, BATCH_DENIED, DENIED_MESSAGE, {})


def _fee(item: Mapping[str, Any], currency: str) -> int | None:
    """A fee in another currency is not ours to book: the balance shows what it came to."""
    fee = item.get("payout_item_fee")
    if not isinstance(fee, dict) or fee.get("currency") != currency:
        return None
    try:
        return Money.parse(str(fee.get("value")), currency, field="value").minor_units
    except InvalidInput:
        return None


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise NotAnEvent("the body is not an event")
    return value


def _short(value: Any, longest: int) -> str | None:
    return str(value)[:longest] if value else None
