"""The life of a provider payment: wallet to wallet, then to the bank account or card, and followed to the bank.

submitted ──► funding ──► funded ──► paying_out ──► paid ──► settled
    ▲            │          ▲            │            └────┬────┘
    └─retry─ funding_stopped ├─retry─ payout_stopped       ▼
                             └─retry────────────────── returned
submitted, funding (not sent yet), funding_stopped ──cancel──► cancelled
funded, paying_out (not sent yet), payout_stopped, returned ──cancel──► giving_back ──► given_back
                                              giving_back_stopped ──retry──► giving_back
"""

from enum import StrEnum
from typing import Literal

Method = Literal["ach", "card"]
Step = Literal["fund", "pay_out", "give_back"]


class PaymentState(StrEnum):
    """Where a payment is.

    `paid`: Chek took the payout in; for a card that is all. `settled`: a bank account has it, as far as banks tell.
    `returned`: the bank sent it back, the money is in the provider's wallet again.
    """

    SUBMITTED = "submitted"
    FUNDING = "funding"
    FUNDING_STOPPED = "funding_stopped"
    FUNDED = "funded"
    PAYING_OUT = "paying_out"
    PAYOUT_STOPPED = "payout_stopped"
    PAID = "paid"
    SETTLED = "settled"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    GIVING_BACK = "giving_back"
    GIVING_BACK_STOPPED = "giving_back_stopped"
    GIVEN_BACK = "given_back"


MADE = frozenset({PaymentState.PAID, PaymentState.SETTLED})
"""The provider was paid, and nobody has sent it back."""

ENDED = MADE | {PaymentState.CANCELLED, PaymentState.GIVEN_BACK}
"""Nothing more is to be done. Only a bank changes a payment that ended: it settles a payout, or sends it back."""

RESERVED = frozenset({PaymentState.SUBMITTED, PaymentState.FUNDING_STOPPED})
"""Its care days or lump sum are in it, and no money has been sent for."""

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
    PaymentState.RETURNED: ("pay_out", PaymentState.FUNDED),
    PaymentState.GIVING_BACK_STOPPED: ("give_back", PaymentState.GIVING_BACK),
}
"""What a retry does again, and the state it goes on from. The wallet step is never done again once it was applied."""
