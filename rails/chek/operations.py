"""The moves of money that Chek offers, and which wallets show whether one happened.

The wallet that can be read is a Chek user's. A card has no balance that can be read without moving money, and a
programme's balance changes with every family: neither is evidence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.chek_wallet import user_wallet
from rails.base import Operation

FUND_FAMILY = "fund_family"
WALLET_TO_WALLET = "wallet_to_wallet"
RETURN_TO_FAMILY = "return_to_family"
SEND_PAYMENT = "send_payment"
ALLOCATE_TO_CARD = "allocate_to_card"
RECLAIM = "reclaim"

OPERATIONS: Mapping[str, Operation] = {
    name: Operation(name, "balance_evidence")
    for name in (FUND_FAMILY, WALLET_TO_WALLET, RETURN_TO_FAMILY, SEND_PAYMENT, ALLOCATE_TO_CARD, RECLAIM)
}


@dataclass(frozen=True, slots=True)
class Wire:
    """One POST: the path below the account, and its JSON body."""

    path: str
    body: Mapping[str, Any]


def _transfer_balance(direction: str, owner: str, counterparty: str, amount: int, reference: str) -> Wire:
    # Chek's paper names program_id, its behaviour counterparty_id: both carry the counterparty
    body = {
        "flow_direction": direction,
        "program_id": counterparty,
        "counterparty_id": counterparty,
        "amount": amount,
        "description": reference,
        "metadata": {"reference": reference},
    }
    return Wire(f"users/{owner}/transfer_balance/", body)


def _fund_family(request: Mapping[str, Any], amount: int, reference: str) -> Wire:
    return _transfer_balance("program_to_wallet", request["user"], request["program"], amount, reference)


def _reclaim(request: Mapping[str, Any], amount: int, reference: str) -> Wire:
    return _transfer_balance("wallet_to_program", request["user"], request["program"], amount, reference)


def _between_wallets(request: Mapping[str, Any], amount: int, reference: str) -> Wire:
    return _transfer_balance("wallet_to_wallet", request["payer"], request["payee"], amount, reference)


def _send_payment(request: Mapping[str, Any], amount: int, reference: str) -> Wire:
    body = {
        "amount": amount,
        "type": "same_day_ach",
        "funding_source": "wallet",
        "program_id": int(request["program"]),
        "internal_memo": reference,
    }
    # the path takes the user's id, not the direct-pay account's
    return Wire(f"directpay_accounts/{request['user']}/send_payment/", body)


def _allocate_to_card(request: Mapping[str, Any], amount: int, _reference: str) -> Wire:
    body = {"direction": "allocate_to_card", "funding_method": "wallet", "amount": amount}
    return Wire(f"cards/{request['card']}/transfer_balance/", body)


_WIRES: Mapping[str, Callable[[Mapping[str, Any], int, str], Wire]] = {
    FUND_FAMILY: _fund_family,
    WALLET_TO_WALLET: _between_wallets,
    RETURN_TO_FAMILY: _between_wallets,
    SEND_PAYMENT: _send_payment,
    ALLOCATE_TO_CARD: _allocate_to_card,
    RECLAIM: _reclaim,
}


def wire(operation: str, request: Mapping[str, Any], amount: int, reference: str) -> Wire:
    """The POST of one operation; `amount` in cents, `reference` our own, which Chek keeps and never looks at."""
    return _WIRES[operation](request, amount, reference)


def movements(operation: str, request: Mapping[str, Any], amount: int) -> dict[str, int]:
    """By how many cents each evidence wallet moves when the operation is done."""
    if operation in (WALLET_TO_WALLET, RETURN_TO_FAMILY):
        return {user_wallet(request["payer"]): -amount, user_wallet(request["payee"]): amount}
    sign = 1 if operation == FUND_FAMILY else -1
    return {user_wallet(request["user"]): sign * amount}
