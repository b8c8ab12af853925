"""ACH that others send to the customer's accounts, and sending it back."""

from typing import Literal

from sandbox.books import Books
from sandbox.clock import BusinessClock, instant_text
from sandbox.column.accounts import Accounts
from sandbox.column.errors import wrong_status
from sandbox.column.events import Events
from sandbox.column.form import Fields, only, text
from sandbox.column.transfers import Document, Transfers


class IncomingAch:
    def __init__(
        self, books: Books, clock: BusinessClock, *, accounts: Accounts, transfers: Transfers, events: Events
    ) -> None:
        self._books = books
        self._clock = clock
        self._accounts = accounts
        self._transfers = transfers
        self._events = events

    def receive(
        self, bank_account_id: str, type_: Literal["CREDIT", "DEBIT"], amount: int, description: str
    ) -> Document:
        """Control: somebody sends (CREDIT) or takes (DEBIT) money. A debit may overdraw the account."""
        account = self._accounts.get(bank_account_id)
        transfer_id = self._books.identifier("acht_", 27)
        self._accounts.move(
            bank_account_id, amount if type_ == "CREDIT" else -amount, transfer_id, "incoming ach", overdraw=True
        )
        document = self._transfers.add(
            "ach",
            {
                "id": transfer_id,
                "type": type_,
                "amount": amount,
                "currency_code": "USD",
                "bank_account_id": bank_account_id,
                "account_number_id": account["account_number_id"],
                "description": description,
                "is_incoming": True,
                "return_details": [],
                "status": "SETTLED",
                "settled_at": instant_text(self._clock.now()),
            },
            bank_account_id=bank_account_id,
        )
        self._events.record("ach.incoming_transfer.settled", document)
        return document

    def send_back(self, transfer_id: str, fields: Fields) -> Document:
        only(fields, "return_code", "description")
        code = text(fields, "return_code", pattern=r"R\d\d")
        document = self._transfers.get("ach", transfer_id)
        if not document["is_incoming"] or document["status"] != "SETTLED":
            raise wrong_status("ach_transfer", document["status"])
        back = -document["amount"] if document["type"] == "CREDIT" else document["amount"]
        self._accounts.move(document["bank_account_id"], back, transfer_id, f"incoming ach returned {code}")
        now = instant_text(self._clock.now())
        detail = {"return_code": code, "description": "", "addenda": "", "created_at": now}
        changed = self._transfers.change(document, "RETURNED", returned_at=now, return_details=[detail])
        self._events.record("ach.incoming_transfer.returned", changed)
        return changed
