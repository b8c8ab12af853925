"""What balances prove about a call whose answer was lost (strategy `balance_evidence`).

The call keeps its wallets to itself from before the first reading until it is settled, so a wallet that stands where it
stood was not moved, and one that stands exactly the amount away was. Whatever else is seen, a person must find out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from domain.money_call import MoneyCall
from rails.chek import operations

Word = Literal["moved", "not_moved", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What Chek said at one time: balances in cents by wallet; payments by id, None where there is nothing to read."""

    balances: Mapping[str, int]
    payments: Mapping[str, int | None] | None = None

    def as_evidence(self) -> dict[str, Any]:
        """As operators see it."""
        seen: dict[str, Any] = {"balances": dict(self.balances)}
        if self.payments is not None:
            seen["outbound_payments"] = sorted(self.payments)
        return seen


def new_payments(call: MoneyCall, reading: Reading) -> dict[str, int | None] | None:
    """Payments that were not listed before the call was sent, or None where that cannot be said."""
    before = [item["before"] for item in call.evidence if "before" in item]
    listed = before[-1].get("outbound_payments") if before else None
    if reading.payments is None or not isinstance(listed, list):
        return None
    return {key: amount for key, amount in reading.payments.items() if key not in listed}


def word_of(call: MoneyCall, reading: Reading) -> Word:
    """What one reading says. All wallets, and for a payment the list of payments too, must say the same."""
    moves = operations.movements(call.operation, call.request, call.money.minor_units)
    words = {_wallet(reading.balances.get(name), call.expectation.get(name), move) for name, move in moves.items()}
    if call.operation == operations.SEND_PAYMENT:
        words.add(_listed(call, reading))
    return words.pop() if len(words) == 1 else "ambiguous"


def _wallet(now: int | None, before: int | None, move: int) -> Word:
    if now is None or before is None:
        return "ambiguous"
    if now == before:
        return "not_moved"
    return "moved" if now == before + move else "ambiguous"


def _listed(call: MoneyCall, reading: Reading) -> Word:
    new = new_payments(call, reading)
    if new is None or len(new) > 1:
        return "ambiguous"
    if not new:
        return "not_moved"
    (amount,) = new.values()
    return "moved" if amount in (None, call.money.minor_units) else "ambiguous"
