"""What an answer of Chek proves: allow-lists only, and only when it echoes ids and amount.

Chek's error bodies have no known shape, so a refusal is a listed HTTP status over any JSON document; everything else,
a gateway's own error page among it, leaves the call in doubt.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.money_call import MoneyCall, Outcome
from rails.base import Answer
from rails.chek import operations
from rails.chek.client import LARGEST_ANSWER_BYTES
from rails.chek.documents import identifier

_DONE = frozenset({200, 201})


@dataclass(frozen=True, slots=True)
class AllowLists:
    """HTTP statuses that mean nothing happened, and payment statuses (lower case) that mean Chek took a payment in."""

    refusal_statuses: frozenset[int]
    payment_statuses: frozenset[str]


def classify(call: MoneyCall, answer: Answer, allowed: AllowLists) -> Outcome:
    """The outcome of a POST. `unknown` for all that is not on a list, not well-formed, or about something else."""
    document = document_of(answer)
    if answer.status in _DONE:
        return _done(call, document, answer.body, allowed)
    return not_done(answer, document, allowed.refusal_statuses)


def not_done(answer: Answer, document: Any, refusal_statuses: frozenset[int]) -> Outcome:
    """The outcome of an answer that does not say it was done: refused by a status on the list, else unknown."""
    if answer.status in refusal_statuses and document is not None:
        return Outcome(
            "refused",
            f"chek_{answer.status}",
            f"Chek refused the request (HTTP {answer.status}).",
            must_act="operator",
            evidence={"status": answer.status},
            response=answer.body,
        )
    return Outcome(
        "unknown", f"http_{answer.status}", "Chek answered with an error that proves nothing.", response=answer.body
    )


def document_of(answer: Answer) -> Any:
    """The JSON of an answer; None where it is none, or too long."""
    if len(answer.body) > LARGEST_ANSWER_BYTES:
        return None
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _done(call: MoneyCall, document: Any, body: bytes, allowed: AllowLists) -> Outcome:
    if not isinstance(document, dict):
        return Outcome("unknown", "malformed_answer", "Chek's answer cannot be read.", response=body)
    if call.operation == operations.SEND_PAYMENT:
        echoed = _payment(call, document)
        moved: Mapping[str, Any] = document
        rail_id = identifier(document.get("payment_id"))
        status = document.get("status")
        if not isinstance(status, str) or status.lower() not in allowed.payment_statuses:
            return Outcome("unknown", "payment_status", "Chek gave the payment a status we do not know.", response=body)
    else:
        echoed = _card(call, document) if call.operation == operations.ALLOCATE_TO_CARD else _wallets(call, document)
        moved = _part(document, "transfer")
        rail_id = identifier(moved.get("id"))
    if not echoed:
        return Outcome("unknown", "other_reference", "Chek's answer is about something else.", response=body)
    amount = moved.get("amount")
    if type(amount) is not int or amount != call.money.minor_units:
        return Outcome("unknown", "other_amount", "Chek's answer names another amount.", response=body)
    if rail_id is None:
        return Outcome("unknown", "no_id", "Chek gave the transfer no id.", response=body)
    return Outcome("applied", "done", "Chek did it.", rail_id, evidence={"chek_id": rail_id}, response=body)


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def _is(document: Mapping[str, Any], name: str, wanted: str) -> bool:
    return identifier(_part(document, name).get("id")) == wanted


def _wallets(call: MoneyCall, document: Mapping[str, Any]) -> bool:
    source, destination = {
        operations.FUND_FAMILY: ("program", "user"),
        operations.RECLAIM: ("user", "program"),
    }.get(call.operation, ("payer", "payee"))
    return _is(document, "source", call.request[source]) and _is(document, "destination", call.request[destination])


def _card(call: MoneyCall, document: Mapping[str, Any]) -> bool:
    return _is(document, "user", call.request["user"]) and _is(document, "card", call.request["card"])


def _payment(call: MoneyCall, document: Mapping[str, Any]) -> bool:
    return _is(document, "user", call.request["user"]) and _is(document, "program", call.request["program"])
