"""Which runbook a case has: what the person who opens it reads first."""

from collections.abc import Mapping

_FAILED, _MISFIT = "docs/runbooks/payout-failed.md", "docs/runbooks/transfer-that-does-not-fit.md"
_DOUBT = "docs/operations.md#when-a-money-call-needs-a-person"

OF_REIMBURSEMENTS: Mapping[str, str] = {
    "contradiction": f"{_FAILED}#the-payout-is-in-doubt",
    "needs_person": f"{_FAILED}#the-payout-is-in-doubt",
    "notification_of_change": f"{_FAILED}#the-bank-asks-for-a-correction",
    "payout_stuck": f"{_FAILED}#an-operator-must-act",
    "payout_unclaimed": f"{_FAILED}#the-payee-must-act",
    "payout_unsettled": f"{_FAILED}#the-bank-says-nothing",
    "resolve_asked": f"{_FAILED}#the-payout-is-in-doubt",
    "reverse_asked": f"{_FAILED}#give-the-money-back",
    "stranded": f"{_FAILED}#the-payout-is-in-doubt",
    "transfer_differs": _MISFIT,
    "transfer_missing": _MISFIT,
    "wire_overdue": "docs/runbooks/wire-to-send.md",
}
"""Every kind of case that a reimbursement may have."""
_OF_ALL: Mapping[str, str] = {
    "contradiction": _DOUBT,
    "inbox": f"{_FAILED}#the-bank-says-nothing",
    "needs_person": _DOUBT,
    "resolve_asked": _DOUBT,
    "transfer_unknown": _MISFIT,
    "unmatched_return": "docs/runbooks/unmatched-return.md",
}


def runbook_of(kind: str, subject_kind: str) -> str | None:
    """Where it is written what to do, from the repository's root; None where the case itself says all there is."""
    own = OF_REIMBURSEMENTS if subject_kind == "reimbursement" else _OF_ALL
    return own.get(kind)
