"""Book transfers: between two accounts of the customer, at once and at any hour."""

from sandbox.books import Books
from sandbox.column.accounts import Accounts
from sandbox.column.errors import ColumnError
from sandbox.column.events import Events
from sandbox.column.form import Fields, cents, only, text
from sandbox.column.transfers import Document, Transfers


class BookTransfers:
    def __init__(self, books: Books, accounts: Accounts, transfers: Transfers, events: Events) -> None:
        self._books = books
        self._accounts = accounts
        self._transfers = transfers
        self._events = events

    def create(self, fields: Fields, key: str) -> Document:
        only(fields, "amount", "currency_code", "sender_bank_account_id", "receiver_bank_account_id",
             "sender_account_number_id", "receiver_account_number_id", "description")  # fmt: skip
        amount = cents(fields, "amount")
        text(fields, "currency_code", pattern="USD")
        description = text(fields, "description", required=False)
        sender, receiver = (
            self._accounts.named(
                text(fields, f"{side}_account_number_id", required=False),
                text(fields, f"{side}_bank_account_id", required=False),
            )
            for side in ("sender", "receiver")
        )
        if sender["id"] == receiver["id"]:
            raise ColumnError("book_transfer_error", "same_bank_account", "Sender and receiver must differ.")
        transfer_id = self._books.identifier("book_", 27)
        self._accounts.move(sender["id"], -amount, transfer_id, "book transfer")
        self._accounts.move(receiver["id"], amount, transfer_id, "book transfer")
        document = self._transfers.add(
            "book",
            {
                "id": transfer_id,
                "idempotency_key": key,
                "sender_bank_account_id": sender["id"],
                "sender_account_number_id": sender["account_number_id"],
                "receiver_bank_account_id": receiver["id"],
                "receiver_account_number_id": receiver["account_number_id"],
                "amount": amount,
                "currency_code": "USD",
                "description": description,
                "status": "COMPLETED",
                "allow_overdraft": False,
            },
            bank_account_id=sender["id"],
        )
        self._events.record("book.transfer.completed", document)
        return document
