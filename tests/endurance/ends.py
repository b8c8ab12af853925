"""Where each kind of flow may stand at the end, and what its partner must have done for it by then."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.endurance import authorizations, pay_runs
from tests.endurance.chance import Kind

_TAKEN = frozenset({"accepted", "originated", "settled", "returned", "voided"})
_NOT_TAKEN = frozenset({"declined", "canceled", "not_found"})
_ENTRIES: tuple[Kind, ...] = (
    "debit",
    "savings_debit",
    "returned_debit",
    "declined_debit",
    "voided_debit",
    "payout",
    "refund",
    "void",
)
_REIMBURSEMENTS: tuple[Kind, ...] = (
    "ach_reimbursement",
    "check_reimbursement",
    "paypal_reimbursement",
    "wire_reimbursement",
)
_EXPECTED: Mapping[str, tuple[int, int]] = {
    "paid": (1, 1),
    "settled": (1, 1),
    "returned": (1, 1),
    "payout_stopped": (1, 0),
    "giving_back_stopped": (1, 0),
    "given_back": (2, 0),
}
"""Moves between wallets, and payouts, of a provider payment in this state; in all others none."""

FINAL: Mapping[Kind, frozenset[str]] = {
    **dict.fromkeys(_ENTRIES, (_TAKEN | _NOT_TAKEN) - {"accepted", "originated"}),
    "void": (_TAKEN | _NOT_TAKEN) - {"originated"},
    "provider_payment": frozenset({"paid", "settled", "returned", "cancelled", "given_back"}),
    "reclaim": frozenset({"reclaimed", "cancelled"}),
    "allocation": frozenset({"funded"}),
    **dict.fromkeys(_REIMBURSEMENTS, frozenset({"settled", "reversed", "cancelled"})),
    # the bank says `settled` when somebody cashed it
    "check_reimbursement": frozenset({"sent", "settled", "reversed", "cancelled"}),
    "account": frozenset({"stored", "cancelled"}),
    "correction": frozenset({"applied", "repeated", "kept", "rejected"}),
    # it lasts: what is due of it is looked at by itself
    "authorization": frozenset({"active", "paused", "cancelled", "revoked", "ended"}),
    "onboarding": frozenset({"onboarded", "cancelled"}),
    "pay_run": frozenset({"finished", "cancelled"}),
}
"""Once business time has moved on by some days."""
STOPPED: Mapping[Kind, frozenset[str]] = {
    **dict.fromkeys(_ENTRIES, frozenset[str]()),
    "provider_payment": frozenset({"funding_stopped", "payout_stopped", "giving_back_stopped"}),
    "reclaim": frozenset({"stopped"}),
    "allocation": frozenset({"unfunded"}),
    **dict.fromkeys(_REIMBURSEMENTS, frozenset({"action_required"})),
    "account": frozenset({"failed"}),
    "correction": frozenset({"failed"}),
    "authorization": frozenset(),
    "onboarding": frozenset({"stopped"}),
    "pay_run": frozenset(),
}
"""Where a person decides what happens next; the document says who must act."""
RESTING: Mapping[Kind, frozenset[str]] = {
    kind: FINAL[kind] | STOPPED[kind] | {"accepted", "originated", "sent", "needs_person"} for kind in FINAL
}
"""What a caller takes as the end of its part."""


def agrees(kind: Kind, state: str, applied: Counter[str]) -> bool:
    """Whether a flow's end is what was done for it: `applied` counts money calls by the first word of their step."""
    if kind in _ENTRIES:
        return sum(applied.values()) == (1 if state in _TAKEN else 0)
    if kind in _REIMBURSEMENTS:
        paid, booked = applied["payout"], sum(applied.values()) - applied["payout"]
        if state in ("sent", "settled"):
            return (booked, paid) == (2, 1)
        return paid == 0 and (state == "action_required" or booked % 2 == 0)
    if kind == "provider_payment":
        moved = applied["fund"] + applied["give_back"]
        return (moved, applied["pay_out"]) == _EXPECTED.get(state, (0, 0))
    if kind == "onboarding":
        set_up = applied["invite"] + applied["create_card"]
        return applied["create_user"] == 1 >= set_up if state == "onboarded" else applied["create_user"] <= 1 > set_up
    return sum(applied.values()) == (1 if state in ("reclaimed", "funded") else 0)


def left_over(kind: Kind, seen: dict[str, Any], on: date) -> list[str]:
    """What such a document says is still to be done, on this date."""
    if kind == "authorization":
        return authorizations.left_over(seen, on)
    return pay_runs.left_over(seen) if kind == "pay_run" else []
