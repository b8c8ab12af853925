"""The life of a reimbursement report, its guards, and the names that HCB gives the same states (seed 002)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.errors import LimitExceeded, PermissionDenied, StateConflict

LARGEST_REPORT = 10_000_000_00
"""Minor units: above this a report is surely a mistake of the keyboard."""
MOST_EXPENSES = 200


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
            "report_state_conflict", f"A report that is {state} cannot {event.replace('_', ' ')}."
        ) from None


def require_draft(report: Mapping[Any, Any]) -> None:
    """Refuse to change a report that somebody may already be deciding on."""
    if report["state"] != ReportState.DRAFT:
        raise StateConflict("report_not_draft", f"The report is {report['state']}: only a draft can be changed.")


def require_submittable(report: Mapping[Any, Any], amounts: Iterable[int]) -> None:
    """Refuse to submit what could never be paid."""
    total = sum(amounts)
    if total == 0:
        raise StateConflict("report_empty", "The report has no expense.")
    if total > LARGEST_REPORT:
        raise LimitExceeded("The report's total is above the limit.", code="report_too_large")
    if report["method_id"] is None:
        raise StateConflict("payout_method_missing", "The report has no payout method.", who_must_act="payee")


def require_other_person(report: Mapping[Any, Any], operator_id: UUID) -> None:
    """Nobody decides on their own report or expense, whatever else they may do."""
    if operator_id in (report["payee_operator_id"], report["submitted_by"], report["created_by"]):
        raise PermissionDenied("Nobody approves their own report.", code="own_report")


def approval_hash(report: Mapping[Any, Any], expenses: Iterable[Mapping[Any, Any]], method_id: UUID) -> bytes:
    """What an approval binds to: the payee, the method and each approved amount. Any other report has another hash."""
    content = [
        str(report["id"]),
        str(report["payee_id"]),
        str(method_id),
        report["currency"],
        sorted([str(expense["id"]), expense["amount"]] for expense in expenses),
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).digest()
