"""Column's events: {id, type, created_at, data}, where data is the transfer as it stands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.inbox import InboxEvent
from domain.money_call import MoneyCall, Outcome
from domain.payout_method.check import UNDELIVERABLE
from rails.column.answer import classify_transfer

EventMeaning = Literal[
    "settled",
    "returned",
    "canceled",
    "stopped",
    "rejected",
    "undeliverable",
    "under_way",
    "change_asked",
    "of_no_concern",
]

_CHECK = "check."
_OF_CHECK_STATUS: Mapping[str, EventMeaning] = {
    "SETTLED": "settled",
    "RETURNED": "returned",
    "STOPPED": "stopped",
    "REJECTED": "rejected",
}
_UNDELIVERABLE = frozenset({"RETURNED_TO_SENDER", "FAILED"})
"""Of a check's `delivery_status`."""

_MEANINGS: Mapping[str, EventMeaning] = {
    "ach.outgoing_transfer.settled": "settled",
    "ach.outgoing_transfer.completed": "settled",
    "ach.outgoing_transfer.returned": "returned",
    "ach.outgoing_transfer.canceled": "canceled",
    "ach.outgoing_transfer.noc": "change_asked",
}


_UNDELIVERED = "The post could not deliver the check."


class NotAnEvent(ValueError):  # noqa: N818 - a fact about a body
    """The body is not an event of Column."""


@dataclass(frozen=True, slots=True)
class ColumnEvent:
    """One event. `reference` is ours (the transfer's description); `amount` in minor units.

    `code` and `reason` are those of a return or of a notification of change; `stage` is the transfer's own state, or a
    check's way to the payee while nobody has presented it.
    """

    event_id: str
    type: str
    meaning: EventMeaning
    transfer_id: str
    reference: str
    amount: int
    currency: str
    code: str | None
    reason: str | None
    stage: str | None
    transfer: Mapping[str, Any] = field(repr=False)


def read_event(body: bytes) -> ColumnEvent:
    """Read a webhook's body. Raises NotAnEvent."""
    try:
        document = json.loads(body)
        transfer = document["data"]
        kind = _text(document["type"], 80)
        meaning = _meaning_of_check(transfer) if kind.startswith(_CHECK) else _MEANINGS.get(kind, "of_no_concern")
        amount = transfer.get("positive_pay_amount" if kind.startswith(_CHECK) else "amount")
        event = ColumnEvent(
            event_id=_text(document["id"], 200),
            type=kind,
            meaning=meaning,
            transfer_id=_text(transfer["id"], 200),
            reference=str(transfer.get("description") or "")[:255],
            amount=amount if type(amount) is int else 0,
            currency=str(transfer.get("currency_code") or ""),
            code=(
                UNDELIVERABLE
                if meaning == "undeliverable"
                else _detail(transfer, "return_code") or _detail(transfer, "change_code")
            ),
            reason=_UNDELIVERED if meaning == "undeliverable" else _detail(transfer, "description"),
            stage=_stage(transfer),
            transfer=transfer,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotAnEvent("the body is not an event") from None
    return event


def read_outcome(call: MoneyCall, stored: InboxEvent) -> Outcome | None:
    """What a stored event proves about a call in doubt: an event about its transfer exists only if it was made."""
    try:
        event = read_event(stored.payload)
    except NotAnEvent:
        return None
    outcome = classify_transfer(call, event.transfer)
    return outcome if outcome.state == "applied" else None


def _meaning_of_check(check: Mapping[str, Any]) -> EventMeaning:
    """A check's events carry it as it stands: its state says more than the event's name."""
    meaning = _OF_CHECK_STATUS.get(str(check.get("status", "")).upper())
    if meaning is None and str(check.get("delivery_status", "")).upper() in _UNDELIVERABLE:
        return "undeliverable"
    return meaning or "under_way"


def _stage(transfer: Mapping[str, Any]) -> str | None:
    stage = transfer.get("status")
    if stage == "ISSUED" and transfer.get("delivery_status") not in (None, "CREATED"):
        stage = transfer["delivery_status"]
    return str(stage).lower()[:40] if stage else None


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise NotAnEvent("the body is not an event")
    return value


def _detail(transfer: Mapping[str, Any], name: str) -> str | None:
    details = transfer.get("notification_of_change") or (transfer.get("return_details") or [{}])[0]
    value = details.get(name)
    return str(value)[:200] if value else None
