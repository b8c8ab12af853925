"""Balances of programmes, wallets and cards: money moves between two holders and never appears or vanishes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.books import Books, Row
from sandbox.chek.errors import ChekError, not_found
from sandbox.clock import BusinessClock, instant_text

_FIRST_TRANSFER = 70001


@dataclass(frozen=True)
class Holder:
    kind: str  # program, wallet, card, outside
    id: int


OUTSIDE = Holder("outside", 0)


def program(program_id: int) -> Holder:
    return Holder("program", program_id)


def wallet(user_id: int) -> Holder:
    return Holder("wallet", user_id)


def card(card_id: int) -> Holder:
    return Holder("card", card_id)


class Wallets:
    def __init__(self, books: Books, clock: BusinessClock) -> None:
        self._books = books
        self._clock = clock

    def open(self, holder: Holder) -> None:
        self._books.execute("INSERT OR IGNORE INTO balances VALUES (?, ?, 0)", (holder.kind, holder.id))

    def balance(self, holder: Holder) -> int:
        """Raises ChekError 404 for somebody who does not exist."""
        found = self._books.value("SELECT balance FROM balances WHERE kind = ? AND id = ?", (holder.kind, holder.id))
        if found is None:
            raise not_found()
        return int(found)

    def move(
        self,
        source: Holder,
        destination: Holder,
        amount: int,
        reason: str,
        *,
        description: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> Row:
        """Returns the transfer. Raises ChekError: 400 when the source has too little, 404 for an unknown holder."""
        if source == destination:
            raise ChekError(400, "same_account", "Source and destination must differ.")
        if source is not OUTSIDE and self.balance(source) < amount:
            raise ChekError(400, "insufficient_balance", "Insufficient balance.")
        for holder, change in ((source, -amount), (destination, amount)):
            if holder is not OUTSIDE:
                self.balance(holder)
                self._books.execute(
                    "UPDATE balances SET balance = balance + ? WHERE kind = ? AND id = ?",
                    (change, holder.kind, holder.id),
                )
        row = {
            "id": max(_FIRST_TRANSFER, (self._books.value("SELECT max(id) FROM transfers") or 0) + 1),
            "from_kind": source.kind,
            "from_id": source.id,
            "to_kind": destination.kind,
            "to_id": destination.id,
            "amount": amount,
            "reason": reason,
            "description": description,
            "metadata": json.dumps(metadata or {}),
            "created_at": instant_text(self._clock.now()),
        }
        self._books.insert("transfers", row)
        return row
