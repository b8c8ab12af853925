"""Chek users: a person with a wallet."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.books import Books, Row
from sandbox.chek import magic
from sandbox.chek.body import Fields, only, text
from sandbox.chek.config import ChekConfig
from sandbox.chek.errors import ChekError, invalid, not_found
from sandbox.chek.wallets import Wallets, wallet
from sandbox.clock import BusinessClock, instant_text

LONGEST_NAME = 24  # first name, a space and last name together
_FIRST_USER = 1001
_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_E164 = r"\+[1-9]\d{6,14}"


class Users:
    def __init__(self, books: Books, clock: BusinessClock, wallets: Wallets, config: ChekConfig) -> None:
        self._books = books
        self._clock = clock
        self._wallets = wallets
        self._config = config

    def create(self, fields: Fields) -> dict[str, Any]:
        only(fields, "email", "phone", "first_name", "last_name", "address")
        row = {
            "email": text(fields, "email", pattern=_EMAIL),
            "phone": text(fields, "phone", pattern=_E164),
            "first_name": text(fields, "first_name"),
            "last_name": text(fields, "last_name"),
            "address": json.dumps(_address(fields.get("address"))),
        }
        if len(f"{row['first_name']} {row['last_name']}") > LONGEST_NAME:
            raise invalid("last_name", f"First and last name may have {LONGEST_NAME} characters together.")
        if row["last_name"] == magic.REFUSED_NAME:
            raise ChekError(400, "refused_by_name", "The user was refused.")
        if self._config.refuse_duplicate_email and self._by_email(row["email"]):
            raise invalid("email", "A user with this email already exists.")
        user_id = max(_FIRST_USER, (self._books.value("SELECT max(id) FROM users") or 0) + 1)
        created_at = instant_text(self._clock.now())
        self._books.insert("users", row | {"id": user_id, "created_at": created_at})
        self._wallets.open(wallet(user_id))
        return {
            "id": user_id,
            "created": created_at,
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "email": row["email"],
            "phone": row["phone"],
            "billing_address": json.loads(row["address"]),
            "balance": 0,
        }

    def get(self, user_id: int) -> Row:
        found = self._books.row("SELECT * FROM users WHERE id = ?", (user_id,))
        if found is None:
            raise not_found()
        return found

    def found(self, query: Mapping[str, str]) -> list[Row]:
        email = query.get("email")
        if email and self._config.email_filter_is_blind:
            return []
        if email and self._config.email_filter_works:
            return self._by_email(email)
        return self._books.rows("SELECT * FROM users ORDER BY id")

    def brief(self, user_id: int) -> dict[str, Any]:
        user = self.get(user_id)
        return {
            "id": user["id"],
            "email": user["email"],
            "first_name": user["first_name"],
            "last_name": user["last_name"],
            "balance": self._wallets.balance(wallet(user_id)),
        }

    def document(self, user: Row) -> dict[str, Any]:
        cards = self._books.rows("SELECT * FROM cards WHERE user_id = ? ORDER BY id", (user["id"],))
        direct_pay = self._books.row("SELECT * FROM direct_pay WHERE user_id = ?", (user["id"],))
        document = self.brief(user["id"]) | {
            "added": user["created_at"],
            "last_login": None,
            "cards": [card_document(card) for card in cards],
        }
        if direct_pay is not None:
            document["directpay"] = {
                name: direct_pay[name]
                for name in ("id", "bank_name", "last4", "status")
                if direct_pay[name] is not None
            } | {"created": direct_pay["created_at"]}
        return document

    def _by_email(self, email: str) -> list[Row]:
        return self._books.rows("SELECT * FROM users WHERE lower(email) = lower(?) ORDER BY id", (email,))


def card_document(card: Row) -> dict[str, Any]:
    """A card as it appears inside other documents, where its id is text."""
    return {
        "id": str(card["id"]),
        "last4": card["last4"],
        "status": card["status"],
        "type": "virtual",
        "created": card["created_at"],
    }


def _address(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise invalid("address", "An object is required.")
    only(value, "line1", "line2", "city", "state", "postal_code", "country_code")
    return {
        "line1": text(value, "line1"),
        "line2": text(value, "line2", required=False) if value.get("line2") is not None else "",
        "city": text(value, "city"),
        "state": text(value, "state", pattern="[A-Z]{2}"),
        "postal_code": text(value, "postal_code", longest=10),
        "country_code": text(value, "country_code", pattern="[A-Z]{2}"),
    }
