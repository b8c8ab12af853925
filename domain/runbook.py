"""Which page of docs/runbooks says what to do about a case: named wherever the case is shown."""

from collections.abc import Mapping

FOLDER = "docs/runbooks/"
_OF_A_PAYOUT: Mapping[str, str] = {
    "payout_stuck": "payout-failed.md#an-operator-must-act",
    "payout_in_doubt": "payout-failed.md#the-payout-is-in-doubt",
    "payout_unsettled": "payout-failed.md#the-bank-says-nothing",
    "payout_unclaimed": "payout-failed.md#the-payee-must-act",
    "reverse_asked": "payout-failed.md#give-the-money-back",
    "needs_person": "payout-failed.md#the-payout-is-in-doubt",
    "contradiction": "payout-failed.md#the-payout-is-in-doubt",
    "stranded": "payout-failed.md#the-payout-is-in-doubt",
    "notification_of_change": "payout-failed.md#the-bank-asks-for-a-correction",
    "event_does_not_fit": "transfer-that-does-not-fit.md",
    "transfer_differs": "transfer-that-does-not-fit.md",
    "transfer_missing": "transfer-that-does-not-fit.md",
    "wire_overdue": "wire-to-send.md",
}
"""Of reimbursements, by kind."""
_OF_ANY_FLOW: Mapping[str, str] = {"stopped": "stopped.md"}
_OF_THE_HOUSE: Mapping[str, str] = {"transfer_unknown": "transfer-that-does-not-fit.md"}


def runbook_of(kind: str, subject_kind: str) -> str | None:
    """The page (and its section) for a case of this kind about this kind of subject; None where there is none."""
    of_subject = _OF_A_PAYOUT if subject_kind == "reimbursement" else _OF_THE_HOUSE
    page = of_subject.get(kind) or _OF_ANY_FLOW.get(kind)
    return None if page is None else FOLDER + page
