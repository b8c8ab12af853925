"""What an organization asks of its reports, and the guards that hold a report against it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import LimitExceeded, StateConflict

LARGEST_REPORT = 10_000_000_00
"""Minor units: above this a report is surely a mistake of the keyboard."""


@dataclass(frozen=True, slots=True)
class ReportPolicy:
    """The organization's settings; `maximum` is of one report, in minor units."""

    frozen: bool = False
    receipt_required: bool = True
    organizer_approval: bool = True
    maximum: int | None = None


def require_not_frozen(policy: ReportPolicy) -> None:
    """Refuse to let money of a frozen organization come nearer to going out."""
    if policy.frozen:
        raise StateConflict("organization_frozen", "The organization is frozen.", who_must_act="operator")


def require_complete(report: Mapping[Any, Any], policy: ReportPolicy, expenses: Sequence[Mapping[Any, Any]]) -> None:
    """Refuse to submit what could never be paid or proved. Each expense comes with its `receipts`."""
    if not expenses:
        raise StateConflict("report_empty", "The report has no expense.")
    bare = [str(expense["number"]) for expense in expenses if not expense["receipts"]]
    if policy.receipt_required and bare:
        raise StateConflict("receipt_missing", f"These expenses have no receipt: {', '.join(bare)}.")
    require_payable(report, policy, (expense["amount"] for expense in expenses))
    if report["method_id"] is None:
        raise StateConflict("payout_method_missing", "The report has no payout method.", who_must_act="payee")


def require_payable(report: Mapping[Any, Any], policy: ReportPolicy, amounts: Iterable[int]) -> int:
    """The total, refused when it is nothing or above what the report or the organization allows."""
    total = sum(amounts)
    if total == 0:
        raise StateConflict("report_empty", "The report has no expense.")
    if total > LARGEST_REPORT:
        raise LimitExceeded("The report's total is above the limit.", code="report_too_large")
    if any(maximum is not None and total > maximum for maximum in (report["maximum"], policy.maximum)):
        raise LimitExceeded("The report's total is above its maximum.", code="report_above_maximum")
    return total
