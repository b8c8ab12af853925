"""Payout batches of one item each: taken in, processed, claimed or not, and refused twice under one sender_batch_id."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.agenda import Agenda
from sandbox.books import Books, Row
from sandbox.clock import BusinessClock, instant_text
from sandbox.column.events import Events
from sandbox.paypal.config import PayPalConfig
from sandbox.paypal.errors import PayPalError, invalid, not_found
from sandbox.paypal.fees import FEE, charged, value_text
from sandbox.paypal.reporting import transaction_id

Document = dict[str, Any]
REMEMBERED = timedelta(days=30)
PROCESSED_AFTER = timedelta(minutes=10)
CLAIMED_WITHIN = timedelta(days=30)
# what the part of the address before the @ means
MAGIC: Mapping[str, tuple[str, str | None]] = {
    "unclaimed": ("UNCLAIMED", None),
    "locked": ("FAILED", "RECEIVER_ACCOUNT_LOCKED"),
    "glitch": ("FAILED", "INTERNAL_ERROR"),
    "blocked": ("BLOCKED", "RISK_DECLINE"),
}
_PROCESSED = ("SUCCESS", "UNCLAIMED")
_GIVEN_BACK = ("FAILED", "RETURNED", "REFUNDED", "DENIED", "CANCELED", "REVERSED")
_EVENTS = {
    "SUCCESS": "SUCCEEDED",
    "UNCLAIMED": "UNCLAIMED",
    "FAILED": "FAILED",
    "RETURNED": "RETURNED",
    "BLOCKED": "BLOCKED",
    "REFUNDED": "REFUNDED",
    "DENIED": "DENIED",
    "ONHOLD": "HELD",
    "REVERSED": "REVERSED",
    "CANCELED": "CANCELED",
}


class Payouts:
    def __init__(
        self, books: Books, clock: BusinessClock, agenda: Agenda, events: Events, config: PayPalConfig
    ) -> None:
        self._config = config
        self._books = books
        self._clock = clock
        self._agenda = agenda
        self._events = events
        self.actions = {"item.process": self.process, "item.return": self.give_back}

    def create(self, body: Document) -> Document:
        """POST /v1/payments/payouts. The money is taken at once; the same sender_batch_id again is an error."""
        header, item = _header(body), _item(body)
        sender_batch_id = _text(header, "sender_batch_id", 256)
        since = instant_text(self._clock.now() - REMEMBERED)
        known = self._books.row(
            "SELECT * FROM items WHERE sender_batch_id = ? AND created_at >= ?", (sender_batch_id, since)
        )
        if known is not None:
            raise PayPalError(
                "USER_BUSINESS_ERROR",
                "User business error.",
                issue="Batch with given sender_batch_id already exists",
                links=[_link(known["batch_id"])],
            )
        amount = _cents(item)
        if self.balance() < amount + self._config.payout_fee:
            raise PayPalError("INSUFFICIENT_FUNDS", "Sender does not have sufficient funds.", status=422)
        row: dict[str, Any] = {
            "id": self._books.identifier("", 13),
            "batch_id": self._books.identifier("", 13),
            "sender_batch_id": sender_batch_id,
            "amount": amount,
            "receiver": _text(item, "receiver", 127),
            "status": "PENDING",
            "note": _text(item, "note", 4000, required=False),
            "sender_item_id": _text(item, "sender_item_id", 63, required=False),
            "created_at": instant_text(self._clock.now()),
        }
        self._books.insert("items", row)
        self._move(-amount, row["id"], "payout")
        self._agenda.schedule(self._clock.now() + PROCESSED_AFTER, "item.process", row["id"])
        return {"batch_header": self._batch_header(self._of(row["id"])), "links": [_link(row["batch_id"])]}

    def batch(self, batch_id: str) -> Document:
        row = self._books.row("SELECT * FROM items WHERE batch_id = ?", (batch_id,))
        if row is None:
            raise not_found()
        items = [] if row["status"] == "DENIED" else [self.item(row["id"])]
        return {"batch_header": self._batch_header(row), "items": items, "links": [_link(batch_id)]}

    def item(self, item_id: str) -> Document:
        row = self._of(item_id)
        document: Document = {
            "payout_item_id": row["id"],
            "transaction_id": transaction_id(row["id"]),
            "transaction_status": row["status"],
            "payout_item_fee": {"currency": "USD", "value": value_text(charged(self._books, item_id))},
            "payout_batch_id": row["batch_id"],
            "sender_batch_id": row["sender_batch_id"],
            "payout_item": {
                "recipient_type": "EMAIL",
                "amount": {"currency": "USD", "value": value_text(row["amount"])},
                "note": row["note"],
                "receiver": row["receiver"],
                "sender_item_id": row["sender_item_id"],
            },
        }
        if row["error"]:
            document["errors"] = {"name": row["error"], "message": f"{row['error'].replace('_', ' ').capitalize()}."}
        return document

    def process(self, item_id: str) -> None:
        """What PayPal does with it by itself, ten minutes later."""
        row = self._of(item_id)
        if row["status"] == "PENDING":
            self.become(item_id, *MAGIC.get(row["receiver"].partition("@")[0], ("SUCCESS", None)))

    def become(self, item_id: str, status: str, error: str | None = None) -> Document:
        row = self._of(item_id)
        self._agenda.forget(item_id)
        self._books.execute("UPDATE items SET status = ?, error = ? WHERE id = ?", (status, error, item_id))
        if status in _GIVEN_BACK and row["status"] not in _GIVEN_BACK:
            self._move(row["amount"], item_id, status.lower())
        self._charge(item_id, status)
        if status == "UNCLAIMED":
            self._agenda.schedule(self._clock.now() + CLAIMED_WITHIN, "item.return", item_id)
        document = self.item(item_id)
        self._events.record(f"PAYMENT.PAYOUTS-ITEM.{_EVENTS.get(status, status)}", document)
        return document

    def _charge(self, item_id: str, status: str) -> None:
        """PayPal takes its fee when it has processed the item."""
        fee = charged(self._books, item_id)
        if status in _PROCESSED and not fee and self._config.payout_fee:
            self._move(-self._config.payout_fee, item_id, FEE)
        if status in _GIVEN_BACK and fee and self._config.fee_given_back:
            self._move(fee, item_id, FEE)

    def deny(self, batch_id: str) -> Document:
        """The whole batch is denied: nothing of it is processed, and it shows no items."""
        row = self._books.row("SELECT * FROM items WHERE batch_id = ? AND status = 'PENDING'", (batch_id,))
        if row is None:
            raise not_found()
        self._books.execute("UPDATE items SET status = 'DENIED' WHERE id = ?", (row["id"],))
        self._move(row["amount"], row["id"], "denied")
        document = {"batch_header": self._batch_header(self._of(row["id"]))}
        self._events.record("PAYMENT.PAYOUTSBATCH.DENIED", document)
        return document

    def give_back(self, item_id: str) -> None:
        """Nobody claimed it for thirty days."""
        self.become(item_id, "RETURNED", "RECEIVER_UNREGISTERED")

    def balance(self) -> int:
        found: int = self._books.value("SELECT coalesce(sum(amount), 0) FROM balance")
        return found

    def top_up(self, amount: int, reason: str) -> None:
        self._move(amount, None, reason)

    def _move(self, amount: int, item_id: str | None, reason: str) -> None:
        at = instant_text(self._clock.now())
        self._books.insert("balance", {"amount": amount, "item_id": item_id, "reason": reason, "at": at})

    def _of(self, item_id: str) -> Row:
        row = self._books.row("SELECT * FROM items WHERE id = ?", (item_id,))
        if row is None:
            raise not_found()
        return row

    @staticmethod
    def _batch_header(row: Row) -> Document:
        return {
            "payout_batch_id": row["batch_id"],
            "batch_status": row["status"] if row["status"] in ("PENDING", "DENIED") else "SUCCESS",
            "time_created": row["created_at"],
            "sender_batch_header": {"sender_batch_id": row["sender_batch_id"]},
            "amount": {"currency": "USD", "value": value_text(row["amount"])},
        }


def _link(batch_id: str) -> dict[str, str]:
    return {"href": f"https://api.paypal.com/v1/payments/payouts/{batch_id}", "rel": "self", "method": "GET"}


def _header(body: Document) -> Document:
    header = body.get("sender_batch_header")
    if not isinstance(header, dict):
        raise invalid("sender_batch_header", "Required field is missing")
    return header


def _item(body: Document) -> Document:
    items = body.get("items")
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        raise invalid("items", "This pretend PayPal takes one item per batch")
    if items[0].get("recipient_type", "EMAIL") != "EMAIL":
        raise invalid("items[0].recipient_type", "Invalid value")
    item: Document = items[0]
    return item


def _text(fields: Document, name: str, longest: int, *, required: bool = True) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > longest or (required and not value):
        raise invalid(name, "Required field is missing or too long")
    return value


def _cents(item: Document) -> int:
    amount = item.get("amount")
    try:
        if not isinstance(amount, dict) or amount.get("currency") != "USD" or not isinstance(amount["value"], str):
            raise ValueError
        cents = Decimal(amount["value"]) * 100
        if cents != int(cents) or cents <= 0:
            raise ValueError
    except (ValueError, KeyError, InvalidOperation):
        raise invalid("items[0].amount", "Currency amount must be positive, with two decimals") from None
    return int(cents)
