"""Chek's documents as far as we read them: users with wallet, bank account and cards, payments, and programmes.

Names and address are read by nobody here, e-mail only to find a user by it; none is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACTIVE = "Active"
"""The only status, of a direct-pay account or of a card, that can be paid to."""


class UnreadableError(ValueError):
    """Not a document that proves anything."""


@dataclass(frozen=True, slots=True)
class ChekCard:
    """A virtual card; `status` in Chek's own words."""

    id: str
    status: str


@dataclass(frozen=True, slots=True)
class ChekUser:
    """A user as Chek tells it now; `balance` in cents."""

    id: str
    balance: int
    direct_pay_id: str | None
    direct_pay_status: str | None
    cards: tuple[ChekCard, ...]

    @property
    def card(self) -> ChekCard | None:
        """The card to pay to: of several the last active one; without an active one the last."""
        candidates = [card for card in self.cards if card.status == ACTIVE] or list(self.cards)
        return candidates[-1] if candidates else None


@dataclass(frozen=True, slots=True)
class ChekPayout:
    """A payment to a bank account as Chek lists it: cents, its own status in lower case, and our memo."""

    id: str
    amount: int
    status: str
    return_code: str | None
    memo: str | None


def identifier(value: object) -> str | None:
    """Chek's ids are numbers in one place and strings in another; a bool, a float or nothing is none."""
    if type(value) is int:
        return str(value)
    return value if isinstance(value, str) and value else None


def read_user(asked_for: str, document: Any) -> ChekUser:
    """Read GET users/{id}/. Raises UnreadableError for another user, or a balance not in whole cents."""
    if not isinstance(document, dict) or identifier(document.get("id")) != asked_for:
        raise UnreadableError("chek: the answer is not about this user")
    if type(document.get("balance")) is not int:
        raise UnreadableError("chek: the balance is not a whole number of cents")
    direct_pay = document.get("directpay")
    direct_pay = direct_pay if isinstance(direct_pay, dict) else {}
    return ChekUser(
        id=asked_for,
        balance=document["balance"],
        direct_pay_id=identifier(direct_pay.get("id")),
        direct_pay_status=_text(direct_pay.get("status")),
        cards=tuple(_cards(document.get("cards"))),
    )


def read_users(document: Any) -> list[tuple[str, str]]:
    """Read a page of GET users/: ids with e-mail addresses, "" where there is none. Raises UnreadableError."""
    listed = document.get("results") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise UnreadableError("chek: not a list of users")
    users = []
    for user in listed:
        key = identifier(user.get("id")) if isinstance(user, dict) else None
        if key is None:
            raise UnreadableError("chek: a user cannot be read")
        users.append((key, _text(user.get("email")) or ""))
    return users


def read_payments(document: Any) -> dict[str, int | None] | None:
    """Read `outbound_payments` of GET directpay_accounts/{id}/, or None where we cannot."""
    listed = document.get("outbound_payments") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    payments: dict[str, int | None] = {}
    for item in listed:
        fields: Mapping[str, Any] = item if isinstance(item, dict) else {"id": item}
        key = identifier(fields.get("payment_id")) or identifier(fields.get("id"))
        if key is None or key in payments:
            return None
        amount = fields.get("amount")
        payments[key] = amount if type(amount) is int else None
    return payments


def read_payouts(document: Any) -> list[ChekPayout]:
    """Read `outbound_payments` of GET directpay_accounts/{id}/ for what became of each. Raises UnreadableError."""
    listed = document.get("outbound_payments") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise UnreadableError("chek: not a list of payments")
    payouts = []
    for item in listed:
        key = identifier(item.get("payment_id")) if isinstance(item, dict) else None
        amount = item.get("amount") if key is not None else None
        status = _text(item.get("status")) if key is not None else None
        if key is None or status is None or type(amount) is not int:
            raise UnreadableError("chek: a payment cannot be read")
        code = _text(item.get("return_code"))
        payouts.append(
            ChekPayout(
                key, amount, status.lower(), None if code is None else code[:10], _text(item.get("internal_memo"))
            )
        )
    return payouts


def read_programs(document: Any) -> dict[str, int]:
    """Read a page of GET programs/: balances in cents by id. Raises UnreadableError."""
    listed = document.get("results") if isinstance(document, dict) else None
    balances: dict[str, int] = {}
    if not isinstance(listed, list):
        raise UnreadableError("chek: not a list of programmes")
    for program in listed:
        key = identifier(program.get("id")) if isinstance(program, dict) else None
        if key is None or type(program["balance"]) is not int:
            raise UnreadableError("chek: a programme cannot be read")
        balances[key] = program["balance"]
    return balances


def _cards(listed: Any) -> list[ChekCard]:
    cards = []
    for card in listed if isinstance(listed, list) else []:
        key = identifier(card.get("id")) if isinstance(card, dict) else None
        if key is not None:
            cards.append(ChekCard(key, _text(card.get("status")) or "unknown"))
    return cards


def _text(value: object) -> str | None:
    return value[:40] if isinstance(value, str) and value else None
