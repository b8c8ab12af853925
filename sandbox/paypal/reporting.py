"""GET /v1/reporting/transactions: every movement of the balance, at most 31 days of them at once, page by page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.books import Books
from sandbox.clock import instant_text
from sandbox.paypal.errors import PayPalError, invalid
from sandbox.paypal.fees import FEE, charged, value_text

LONGEST = timedelta(days=31)
MOST = 500
_CODES = {"payout": "T0001", "top-up": "T0300", "opening balance": "T0300", "sent by hand": "T0000"}
GIVEN_BACK = "T1114"


def transaction_id(item_id: str) -> str:
    """The transaction of a payout item."""
    return f"{item_id}TX"


def transactions(books: Books, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of them, oldest first. Raises PayPalError."""
    start, end = _instant(query, "start_date"), _instant(query, "end_date")
    size, page = int(query.get("page_size", "100")), int(query.get("page", "1"))
    if not 0 < size <= MOST or page < 1:
        raise invalid("page_size", "must be 1 to 500")
    if end - start > LONGEST:
        raise PayPalError("INVALID_REQUEST", "Date range is greater than 31 days")
    bounds = (instant_text(start), instant_text(end))
    lines = books.rows("SELECT * FROM balance WHERE at >= ? AND at <= ? AND reason <> ? ORDER BY id", (*bounds, FEE))
    shown = lines[(page - 1) * size : page * size]
    return {
        "transaction_details": [{"transaction_info": _info(books, line)} for line in shown],
        "page": page,
        "total_items": len(lines),
        "total_pages": max(1, -(-len(lines) // size)),
    }


def _info(books: Books, line: Mapping[str, Any]) -> dict[str, Any]:
    paid = line["item_id"] is not None and line["reason"] == "payout"
    sign = "-" if line["amount"] < 0 else ""
    fee = {"currency_code": "USD", "value": f"-{value_text(charged(books, line['item_id']))}"} if paid else None
    return {
        "transaction_id": transaction_id(line["item_id"]) if paid else f"LINE{line['id']}",
        "transaction_event_code": _CODES.get(line["reason"], GIVEN_BACK),
        "transaction_initiation_date": line["at"],
        "transaction_amount": {"currency_code": "USD", "value": f"{sign}{value_text(abs(line['amount']))}"},
        "transaction_status": "S",
        **({} if fee is None else {"fee_amount": fee}),
    }


def _instant(query: Mapping[str, str], name: str) -> datetime:
    try:
        return datetime.fromisoformat(query[name])
    except (KeyError, ValueError):
        raise invalid(name, "must be an instant") from None
