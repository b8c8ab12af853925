"""Bank accounts whose balances really move, and the lines that prove it."""

from typing import Any

from sandbox.books import Books, Row
from sandbox.clock import BusinessClock, instant_text
from sandbox.column.config import BankAccount
from sandbox.column.errors import insufficient_balance, invalid_parameter, not_found


class Accounts:
    def __init__(self, books: Books, clock: BusinessClock) -> None:
        self._books = books
        self._clock = clock

    def open(self, account: BankAccount) -> None:
        """Once; opening an account that exists changes nothing."""
        with self._books.transaction():
            fresh = self._books.execute(
                "INSERT OR IGNORE INTO bank_accounts VALUES (?, ?, ?, 0, ?)",
                (account.id, account.account_number_id, account.description, instant_text(self._clock.now())),
            ).rowcount
            if fresh and account.opening_balance:
                self.move(account.id, account.opening_balance, account.id, "opening balance")

    def get(self, bank_account_id: str) -> Row:
        found = self._books.row("SELECT * FROM bank_accounts WHERE id = ?", (bank_account_id,))
        if found is None:
            raise not_found("bank_account")
        return found

    def named(self, account_number_id: str, bank_account_id: str) -> Row:
        """The account that a request names by either of its two ids."""
        if account_number_id:
            sql = "SELECT * FROM bank_accounts WHERE account_number_id = ?"
            found = self._books.row(sql, (account_number_id,))
            if found is None:
                raise not_found("account_number")
            return found
        if not bank_account_id:
            raise invalid_parameter("account_number_id", "or bank_account_id is required")
        return self.get(bank_account_id)

    def move(self, bank_account_id: str, amount: int, transfer_id: str, reason: str, *, overdraw: bool = False) -> None:
        """Add ``amount`` cents, which may be negative. Raises ColumnError when the balance would fall below zero,
        except where the network took the money without asking (``overdraw``)."""
        changed = self._books.execute(
            "UPDATE bank_accounts SET available = available + :by WHERE id = :id AND (:forced OR available + :by >= 0)",
            {"by": amount, "id": bank_account_id, "forced": overdraw},
        ).rowcount
        if not changed:
            raise insufficient_balance(bank_account_id)
        self._books.insert(
            "lines",
            {
                "bank_account_id": bank_account_id,
                "amount": amount,
                "transfer_id": transfer_id,
                "reason": reason,
                "at": instant_text(self._clock.now()),
            },
        )

    def document(self, bank_account_id: str) -> dict[str, Any]:
        account = self.get(bank_account_id)
        return {
            "id": account["id"],
            "description": account["description"],
            "currency_code": "USD",
            "default_account_number_id": account["account_number_id"],
            "balances": {
                "available_amount": account["available"],
                "pending_amount": 0,
                "holding_amount": 0,
                "locked_amount": 0,
            },
            "created_at": account["created_at"],
        }
