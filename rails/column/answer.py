"""Read Column's answers: a transfer object, or an error {type, code, message, details}."""

import json
from collections.abc import Mapping
from typing import Any

from domain.money_call import MoneyCall, Outcome
from rails.column.codes import REFUSED
from rails.column.operations import CHECK_STOP, TRANSFERS
from rails.column.stop import classify_stop

LARGEST_ANSWER_BYTES = 64 * 1024

_SHOWN = ("id", "currency_code", "status", "description", "created_at")


def classify(call: MoneyCall, status: int, body: bytes) -> Outcome:
    """What an answer to a transfer request proves: allow-lists only, and only when it is about our transfer."""
    document = _document(body)
    if document is None:
        return Outcome("unknown", "malformed_answer", f"The answer is not Column's (HTTP {status}).", response=body)
    if status in (200, 201):
        if call.operation == CHECK_STOP:
            return classify_stop(call, document, body)
        return classify_transfer(call, document, body)
    code = document.get("code")
    known = REFUSED.get((status, code)) if isinstance(code, str) else None
    if known is None:
        shown = code if isinstance(code, str) and len(code) <= 40 and code.isascii() else f"http_{status}"
        return Outcome("unknown", shown, f"Column answered with HTTP {status}, which proves nothing.", response=body)
    must_act, message = known
    return Outcome("refused", str(code), message, must_act=must_act, evidence={"status": status}, response=body)


def classify_transfer(call: MoneyCall, transfer: Mapping[str, Any], body: bytes | None = None) -> Outcome:
    """Whether a transfer object (an answer, a line of a listing, an event's data) proves that the call is applied."""
    operation = TRANSFERS.get(call.operation)
    if operation is None:
        return Outcome("unknown", "other_reference", "The answer is about a transfer.", response=body)
    seen = {name: transfer.get(name) for name in (*_SHOWN, operation.amount)}
    rail_id = transfer.get("id")
    if not isinstance(rail_id, str) or not rail_id or len(rail_id) > 80:
        return Outcome("unknown", "malformed_answer", "The answer names no transfer.", response=body)
    # Column echoes the key where it has one; older transfers of a listing may have lost theirs
    key = transfer.get("idempotency_key") or call.rail_reference
    if (transfer.get("description"), key) != (call.rail_reference, call.rail_reference):
        return Outcome(
            "unknown", "other_reference", "The answer is about another transfer.", evidence=seen, response=body
        )
    amount = transfer.get(operation.amount)
    # a bool equals 1 in Python: only a whole number is an amount
    if type(amount) is not int or (amount, transfer.get("currency_code")) != (
        call.money.minor_units,
        call.money.currency,
    ):
        return Outcome("unknown", "other_amount", "Column moved another amount.", evidence=seen, response=body)
    if any(transfer.get(name) != call.request[name] for name in operation.echoed):
        return Outcome("unknown", "other_account", "Column used another account.", evidence=seen, response=body)
    status = str(transfer.get("status", "")).upper()
    if status not in operation.applied:
        return Outcome("unknown", "other_status", "The transfer is not done.", evidence=seen, response=body)
    return Outcome("applied", status.lower(), "Column made the transfer.", rail_id, evidence=seen, response=body)


def _document(body: bytes) -> dict[str, Any] | None:
    if len(body) > LARGEST_ANSWER_BYTES:
        return None
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
