"""Read PayPal's answers: a batch header, or an error {name, message, details}. Names count, messages change."""

import json
import re
from collections.abc import Mapping
from typing import Any

from domain.money_call import MoneyCall, MustAct, Outcome

LARGEST_ANSWER_BYTES = 64 * 1024
EXISTS = "USER_BUSINESS_ERROR"
"""Also said of a sender_batch_id that PayPal has already: the answer links to its batch."""

REFUSED: Mapping[tuple[int, str], tuple[MustAct, str]] = {
    (400, "VALIDATION_ERROR"): ("operator", "PayPal found the request malformed."),
    (400, "MALFORMED_REQUEST"): ("operator", "PayPal found the request malformed."),
    (403, "AUTHORIZATION_ERROR"): ("operator", "Our PayPal account may not send payouts."),
    (403, "NOT_AUTHORIZED"): ("operator", "Our PayPal account may not send payouts."),
    (403, "REQUIRED_SCOPE_MISSING"): ("operator", "Our PayPal account may not send payouts."),
    (403, "SENDER_ACCOUNT_UNVERIFIED"): ("operator", "Our PayPal account is not verified."),
    (403, "SENDER_RESTRICTED"): ("operator", "Our PayPal account is restricted."),
    (422, "INSUFFICIENT_FUNDS"): ("operator", "Our PayPal balance does not hold enough money."),
}
_BATCH_LINK = re.compile(r"/v1/payments/payouts/([A-Za-z0-9]{1,60})$")
_TAKEN_IN = frozenset({"NEW", "ACKNOWLEDGED", "PENDING", "PROCESSING", "SUCCESS"})
DENIED = "DENIED"
"""The state of a batch of which PayPal has processed nothing and will process nothing."""
BATCH_DENIED = "BATCH_DENIED"
DENIED_MESSAGE = "PayPal denied the batch and has paid nothing of it."


def document_of(body: bytes) -> dict[str, Any] | None:
    """The JSON object, or None."""
    if len(body) > LARGEST_ANSWER_BYTES:
        return None
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def classify(call: MoneyCall, status: int, body: bytes) -> Outcome:
    """What an answer to a payout request proves: allow-lists only."""
    document = document_of(body)
    if document is None:
        return Outcome("unknown", "malformed_answer", f"The answer is not PayPal's (HTTP {status}).", response=body)
    if status in (200, 201):
        return classify_batch(call, document, body)
    name = document.get("name")
    known = REFUSED.get((status, name)) if isinstance(name, str) else None
    if known is None:
        shown = name if isinstance(name, str) and len(name) <= 40 and name.isascii() else f"http_{status}"
        return Outcome("unknown", shown, f"PayPal answered with HTTP {status}, which proves nothing.", response=body)
    must_act, message = known
    return Outcome("refused", str(name), message, must_act=must_act, evidence={"status": status}, response=body)


def classify_batch(call: MoneyCall, document: Mapping[str, Any], body: bytes | None = None) -> Outcome:
    """Whether a batch, as PayPal shows it, proves that the call is applied. What became of its item is told later.

    A batch just made shows no amount; one that shows an amount, shows ours.
    """
    header = document.get("batch_header")
    if not isinstance(header, dict) or not _is_id(header.get("payout_batch_id")):
        return Outcome("unknown", "malformed_answer", "The answer names no batch.", response=body)
    seen = {name: header.get(name) for name in ("payout_batch_id", "batch_status", "time_created")}
    sender = header.get("sender_batch_header")
    if not isinstance(sender, dict) or sender.get("sender_batch_id") != call.rail_reference:
        return Outcome("unknown", "other_reference", "The answer is about another batch.", evidence=seen, response=body)
    if not _is_amount(call, header.get("amount", {"value": call.request["value"], "currency": call.money.currency})):
        return Outcome("unknown", "other_amount", "PayPal pays another amount.", evidence=seen, response=body)
    status = str(header.get("batch_status", "")).upper()
    if status == DENIED:
        return Outcome("refused", BATCH_DENIED, DENIED_MESSAGE, must_act="operator", evidence=seen, response=body)
    if status not in _TAKEN_IN:
        return Outcome("unknown", "other_status", "The batch is not taken in.", evidence=seen, response=body)
    batch_id = str(header["payout_batch_id"])
    return Outcome("applied", status.lower(), "PayPal took the batch in.", batch_id, evidence=seen, response=body)


def classify_item(call: MoneyCall, item: Mapping[str, Any]) -> Outcome:
    """The same from an item, which an event or a batch shows: it exists only where its batch does."""
    payout = item.get("payout_item")
    if item.get("sender_batch_id") != call.rail_reference or not _is_id(item.get("payout_batch_id")):
        return Outcome("unknown", "other_reference", "The item is of another batch.")
    if not isinstance(payout, dict) or not _is_amount(call, payout.get("amount")):
        return Outcome("unknown", "other_amount", "PayPal pays another amount.")
    evidence = {"payout_item_id": item.get("payout_item_id"), "status": item.get("transaction_status")}
    return Outcome("applied", "taken_in", "PayPal has the batch.", str(item["payout_batch_id"]), evidence=evidence)


def existing_batch(outcome: Outcome, body: bytes) -> str | None:
    """The id of the batch that PayPal says it has under our sender_batch_id; None where it says no such thing."""
    document = document_of(body) if outcome.code == EXISTS else None
    links = document.get("links") if document is not None else None
    for link in links if isinstance(links, list) else []:
        found = _BATCH_LINK.search(str(link.get("href"))) if isinstance(link, dict) else None
        if found is not None:
            return found[1]
    return None


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 60


def _is_amount(call: MoneyCall, amount: Any) -> bool:
    return isinstance(amount, dict) and (amount.get("value"), amount.get("currency")) == (
        call.request["value"],
        call.money.currency,
    )
