"""Programmes: where all money in Chek starts."""

from typing import Any

from sandbox.books import Books, Row
from sandbox.chek.config import Program
from sandbox.chek.errors import not_found
from sandbox.chek.wallets import OUTSIDE, Wallets, program
from sandbox.clock import BusinessClock, instant_text


class Programs:
    def __init__(self, books: Books, clock: BusinessClock, wallets: Wallets) -> None:
        self._books = books
        self._clock = clock
        self._wallets = wallets

    def open(self, opened: Program) -> None:
        """Once; opening a programme that exists changes nothing."""
        with self._books.transaction():
            fresh = self._books.execute(
                "INSERT OR IGNORE INTO programs VALUES (?, ?, ?)",
                (opened.id, opened.name, instant_text(self._clock.now())),
            ).rowcount
            self._wallets.open(program(opened.id))
            if fresh and opened.balance:
                self._wallets.move(OUTSIDE, program(opened.id), opened.balance, "opening balance")

    def get(self, program_id: int) -> Row:
        found = self._books.row("SELECT * FROM programs WHERE id = ?", (program_id,))
        if found is None:
            raise not_found()
        return found

    def set_balance(self, program_id: int, balance: int) -> None:
        """Money arrives or leaves outside until the balance is this."""
        difference = balance - self._wallets.balance(program(program_id))
        if difference > 0:
            self._wallets.move(OUTSIDE, program(program_id), difference, "programme funded")
        elif difference < 0:
            self._wallets.move(program(program_id), OUTSIDE, -difference, "programme defunded")

    def all(self) -> list[Row]:
        return self._books.rows("SELECT * FROM programs ORDER BY id")

    def document(self, row: Row) -> dict[str, Any]:
        return {
            "id": row["id"],
            "created_at": row["created_at"],
            "updated_at": row["created_at"],
            "name": row["name"],
            "balance": self._wallets.balance(program(row["id"])),
            "parent": {},
        }
