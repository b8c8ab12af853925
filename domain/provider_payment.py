"""The life of a provider payment: wallet to wallet, then to the bank account or card; payable until it ends.

submitted ──► funding ──► funded ──► paying_out ──► paid
    ▲            │          ▲            │
    └─retry─ funding_stopped └─retry─ payout_stopped
submitted, funding (not sent yet), funding_stopped ──cancel──► cancelled
funded, paying_out (not sent yet), payout_stopped ──cancel──► giving_back ──► given_back
                                              giving_back_stopped ──retry──► giving_back
"""

from enum import StrEnum
from typing import Literal

Method = Literal["ach", "card"]
Step = Literal["fund", "pay_out", "give_back"]


class PaymentState(StrEnum):
    """Where a payment is. `paid` means that Chek took the payout in, not that a bank has settled it."""

    SUBMITTED = "submitted"
    FUNDING = "funding"
    FUNDING_STOPPED = "funding_stopped"
    FUNDED = "funded"
    PAYING_OUT = "paying_out"
    PAYOUT_STOPPED = "payout_stopped"
    PAID = "paid"
    CANCELLED = "cancelled"
    GIVING_BACK = "giving_back"
    GIVING_BACK_STOPPED = "giving_back_stopped"
    GIVEN_BACK = "given_back"


ENDED = frozenset({PaymentState.PAID, PaymentState.CANCELLED, PaymentState.GIVEN_BACK})
"""A payment that ended never changes again."""

RELEASED = frozenset({PaymentState.CANCELLED, PaymentState.GIVEN_BACK})
"""Ended without a payout: its care days or lump sum may be paid by another payment."""

NEXT_STEP: dict[PaymentState, Step] = {
    PaymentState.SUBMITTED: "fund",
    PaymentState.FUNDING: "fund",
    PaymentState.FUNDED: "pay_out",
    PaymentState.PAYING_OUT: "pay_out",
    PaymentState.GIVING_BACK: "give_back",
}
"""The money step to do; in other states the payment waits for a person, or has ended."""

UNDER_WAY: dict[Step, PaymentState] = {
    "fund": PaymentState.FUNDING,
    "pay_out": PaymentState.PAYING_OUT,
    "give_back": PaymentState.GIVING_BACK,
}
DONE: dict[Step, PaymentState] = {
    "fund": PaymentState.FUNDED,
    "pay_out": PaymentState.PAID,
    "give_back": PaymentState.GIVEN_BACK,
}
STOPPED: dict[Step, PaymentState] = {
    "fund": PaymentState.FUNDING_STOPPED,
    "pay_out": PaymentState.PAYOUT_STOPPED,
    "give_back": PaymentState.GIVING_BACK_STOPPED,
}
AGAIN: dict[PaymentState, tuple[Step, PaymentState]] = {
    PaymentState.FUNDING_STOPPED: ("fund", PaymentState.SUBMITTED),
    PaymentState.PAYOUT_STOPPED: ("pay_out", PaymentState.FUNDED),
    PaymentState.GIVING_BACK_STOPPED: ("give_back", PaymentState.GIVING_BACK),
}
"""What a retry does again, and the state it goes on from. The wallet step is never done again once it was applied."""
