"""The life of a reimbursement report, its guards, and the names that HCB gives the same states (seed 002)."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from domain.errors import PermissionDenied, StateConflict

MOST_EXPENSES = 200
RowT = TypeVar("RowT", bound=Mapping[Any, Any])


class ReportState(StrEnum):
    """`reimbursed` means that the bank says that the payee has the money."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REQUESTED = "reimbursement_requested"
    APPROVED = "reimbursement_approved"
    REIMBURSING = "reimbursing"
    REIMBURSED = "reimbursed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REVERSED = "reversed"


class ReportEvent(StrEnum):
    """What happens to a report."""

    SUBMIT = "submit"
    # where the organization asks for no organizer's approval
    SUBMIT_UNREVIEWED = "submit_unreviewed"
    REVIEW = "review"
    APPROVE = "approve"
    REIMBURSE = "reimburse"
    SETTLE = "settle"
    COME_BACK = "come_back"
    REJECT = "reject"
    RETURN_TO_DRAFT = "return_to_draft"
    CANCEL = "cancel"
    REVERSE = "reverse"


_BEFORE_APPROVAL = (ReportState.DRAFT, ReportState.SUBMITTED, ReportState.REQUESTED)

TRANSITIONS: dict[tuple[ReportState, ReportEvent], ReportState] = {
    (ReportState.DRAFT, ReportEvent.SUBMIT): ReportState.SUBMITTED,
    (ReportState.DRAFT, ReportEvent.SUBMIT_UNREVIEWED): ReportState.REQUESTED,
    (ReportState.SUBMITTED, ReportEvent.REVIEW): ReportState.REQUESTED,
    (ReportState.REQUESTED, ReportEvent.APPROVE): ReportState.APPROVED,
    (ReportState.APPROVED, ReportEvent.REIMBURSE): ReportState.REIMBURSING,
    (ReportState.REIMBURSING, ReportEvent.SETTLE): ReportState.REIMBURSED,
    # a bank may return a transfer that it settled
    (ReportState.REIMBURSED, ReportEvent.COME_BACK): ReportState.REIMBURSING,
    (ReportState.SUBMITTED, ReportEvent.RETURN_TO_DRAFT): ReportState.DRAFT,
    (ReportState.REQUESTED, ReportEvent.RETURN_TO_DRAFT): ReportState.DRAFT,
    (ReportState.REJECTED, ReportEvent.RETURN_TO_DRAFT): ReportState.DRAFT,
    **{(state, ReportEvent.REJECT): ReportState.REJECTED for state in _BEFORE_APPROVAL},
    **{(state, ReportEvent.CANCEL): ReportState.CANCELLED for state in _BEFORE_APPROVAL},
    (ReportState.APPROVED, ReportEvent.CANCEL): ReportState.CANCELLED,
    (ReportState.REIMBURSING, ReportEvent.CANCEL): ReportState.CANCELLED,
    (ReportState.REIMBURSING, ReportEvent.REVERSE): ReportState.REVERSED,
}
"""Every step there is. `cancelled` and `reversed` are left by none."""

_BOUND = ("id", "kind", "amount", "distance", "rate")

HCB_STATES = {state: state.value for state in ReportState} | {
    # HCB marks a report as reimbursed before any money moves
    ReportState.REIMBURSING: "reimbursed",
    # HCB has no such state: what it cannot cancel it rejects
    ReportState.CANCELLED: "rejected",
}


def advance(state: str, event: ReportEvent) -> ReportState:
    """The state after the event, or StateConflict when the event cannot happen in this state."""
    try:
        return TRANSITIONS[ReportState(state), event]
    except KeyError:
        raise StateConflict(
            "report_state_conflict", f"The report is {state}: {event.replace('_', ' ')} is not possible now."
        ) from None


def require_draft(report: Mapping[Any, Any]) -> None:
    """Refuse to change a report that somebody may already be deciding on."""
    if report["state"] != ReportState.DRAFT:
        raise StateConflict("report_not_draft", f"The report is {report['state']}: only a draft can be changed.")


def refuse_author(report: Mapping[Any, Any], operator_id: UUID) -> None:
    """Nobody decides on their own report or expense, whatever else they may do."""
    own = (report["payee_operator_id"], report["submitted_by"], report["created_by"], *report["authors"])
    if operator_id in own:
        refuse_payee()


def refuse_payee() -> NoReturn:
    """Say no to somebody whose own report it is."""
    raise PermissionDenied("Nobody approves their own report.", code="own_report")


def require_seen(expected: bytes | None, actual: bytes) -> None:
    """Refuse a decision on a report that is not the one that was seen."""
    if expected is not None and not hmac.compare_digest(expected, actual):
        raise StateConflict("report_changed", "The report is not what you saw: look at it again.")


def approval_hash(report: Mapping[Any, Any], expenses: Iterable[Mapping[Any, Any]], method_id: UUID | None) -> bytes:
    """What an approval binds to: payee, method, and each expense's kind, amount, mileage and receipts.

    Each expense comes with `receipts`, the hashes of its files. Any other report has another hash.
    """
    content = [
        str(report["id"]),
        str(report["payee_id"]),
        str(method_id),
        report["currency"],
        sorted([*(str(expense[name]) for name in _BOUND), *sorted(expense["receipts"])] for expense in expenses),
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).digest()


def to_be_paid(expenses: Sequence[RowT]) -> Sequence[RowT]:
    """The expenses that are approved; all of them while nobody has chosen."""
    return [expense for expense in expenses if expense["state"] == "approved"] or expenses
