"""The life of one payout (HCB's PayoutHolding) and of its funding (ExpensePayout), and when it may be reversed."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from domain.errors import StateConflict
from domain.payout_method.base import PayoutMethod
from domain.report import ReportState


class PayoutState(StrEnum):
    """`returned`: the bank sent the money back. `action_required`: a step was refused. In both somebody must act."""

    FUNDING = "funding"
    SENDING = "sending"
    SENT = "sent"
    SETTLED = "settled"
    RETURNED = "returned"
    ACTION_REQUIRED = "action_required"
    REVERSING = "reversing"
    REVERSED = "reversed"
    CANCELLED = "cancelled"


class FundingState(StrEnum):
    """Of one book transfer between FS Main and FS Operating and what it stands for."""

    PENDING = "pending"
    SETTLED = "settled"
    REVERSED = "reversed"
    CANCELLED = "cancelled"


HELP_NEEDED = frozenset({PayoutState.RETURNED, PayoutState.ACTION_REQUIRED})
ENDED = frozenset({PayoutState.SETTLED, PayoutState.REVERSED, PayoutState.CANCELLED})

_HCB_STATES = {
    PayoutState.SENT: "sent",
    PayoutState.SETTLED: "sent",
    PayoutState.RETURNED: "failed",
    PayoutState.REVERSED: "reversed",
    PayoutState.CANCELLED: "reversed",
}


def hcb_funding_state(state: str, *, on_its_way: bool) -> str:
    """HCB's name for the state of an ExpensePayout, and of a holding's book transfer."""
    if state == FundingState.PENDING:
        return "in_transit" if on_its_way else "pending"
    return "reversed" if state == FundingState.CANCELLED else state


def hcb_holding_state(state: str, funding: str, *, on_its_way: bool) -> str:
    """HCB's name for the state of a PayoutHolding."""
    if state in (PayoutState.ACTION_REQUIRED, PayoutState.REVERSING) and funding == FundingState.SETTLED:
        return "failed"
    return _HCB_STATES.get(PayoutState(state)) or hcb_funding_state(funding, on_its_way=on_its_way)


def require_reversible(
    report: Mapping[Any, Any],
    holding: Mapping[Any, Any] | None,
    expense_payouts: Iterable[Mapping[Any, Any]],
    attempts: Iterable[tuple[PayoutMethod, bool]],
) -> None:
    """Seed 002's sanity checks, each a refusal of its own. An attempt is its method, and whether it ended badly."""
    if report["state"] not in (ReportState.REIMBURSING, ReportState.REIMBURSED) or holding is None:
        raise StateConflict("report_not_reimbursed", f"The report is {report['state']}: there is nothing to reverse.")
    if any(payout["state"] != FundingState.SETTLED for payout in expense_payouts):
        raise StateConflict("expense_payouts_not_settled", "Not every expense payout is settled.", retry="later")
    if holding["state"] not in HELP_NEEDED:
        raise StateConflict("payout_holding_not_failed", f"The payout holding is {holding['state']}, not failed.")
    for method, ended_badly in attempts:
        if not ended_badly:
            raise StateConflict(*method.not_ended_badly)


def require_cancellable(report: Mapping[Any, Any], holding: Mapping[Any, Any] | None, *, handed_over: bool) -> None:
    """Cancel works until the transfer to the payee is handed to the bank; after that it is a reversal."""
    if holding is None:
        return
    if holding["state"] in (PayoutState.REVERSING, PayoutState.REVERSED, PayoutState.CANCELLED):
        raise StateConflict("already_given_back", f"The payout is {holding['state']}: its money goes back, or went.")
    if handed_over or report["state"] != ReportState.REIMBURSING:
        raise StateConflict(
            "already_handed_over",
            f"The payout is {holding['state']}: it cannot be cancelled, only reversed if it fails.",
        )
