"""Column as one of the sandbox's partners: its books, what it does over time, and what control may do to it."""

import json
from pathlib import Path
from typing import Any

from sandbox.agenda import Agenda
from sandbox.books import Books
from sandbox.clock import BusinessClock
from sandbox.column.accounts import Accounts
from sandbox.column.ach_network import AchNetwork
from sandbox.column.ach_transfers import AchTransfers
from sandbox.column.book_transfers import BookTransfers
from sandbox.column.checks import Checks
from sandbox.column.config import BankAccount, ColumnConfig
from sandbox.column.counterparties import Counterparties
from sandbox.column.events import Events
from sandbox.column.idempotency import IdempotencyKeys
from sandbox.column.incoming_ach import IncomingAch
from sandbox.column.schema import SCHEMA
from sandbox.column.transfers import Document, Transfers
from sandbox.column.webhooks import ColumnWebhooks


class Column:
    name = "column"

    def __init__(self, config: ColumnConfig, path: Path | None, clock: BusinessClock) -> None:
        self.config = config
        self.books = Books(path, SCHEMA)
        self.agenda = Agenda(self.books, clock)
        self.accounts = Accounts(self.books, clock)
        self.counterparties = Counterparties(self.books, clock)
        self.transfers = Transfers(self.books, clock)
        self.events = Events(self.books, clock, config)
        self.webhooks = ColumnWebhooks(self.events, config)
        self.keys = IdempotencyKeys(self.books, clock)
        self.book_transfers = BookTransfers(self.books, self.accounts, self.transfers, self.events)
        self.ach_network = AchNetwork(
            self.books,
            clock,
            self.agenda,
            accounts=self.accounts,
            counterparties=self.counterparties,
            transfers=self.transfers,
            events=self.events,
        )
        self.ach_transfers = AchTransfers(
            self.books,
            clock,
            accounts=self.accounts,
            counterparties=self.counterparties,
            transfers=self.transfers,
            network=self.ach_network,
        )
        self.incoming_ach = IncomingAch(
            self.books, clock, accounts=self.accounts, transfers=self.transfers, events=self.events
        )
        self.checks = Checks(
            self.books, clock, self.agenda, accounts=self.accounts, transfers=self.transfers, events=self.events
        )
        self.agenda.assign(self.ach_network.actions | self.checks.actions)
        for account in config.bank_accounts:
            self.accounts.open(account)

    def open_account(self, account: BankAccount) -> None:
        self.accounts.open(account)

    def deposit(self, bank_account_id: str, amount: int, description: str) -> Document:
        """An incoming wire: money that somebody outside sent."""
        return self._wire(bank_account_id, amount, description, "wire", incoming=True)

    def send_wire(self, bank_account_id: str, amount: int, description: str, kind: str = "wire") -> Document:
        """A wire that a person sends in the bank's own pages, with what they wrote as its description."""
        return self._wire(bank_account_id, amount, description, kind, incoming=False)

    def _wire(self, bank_account_id: str, amount: int, description: str, kind: str, *, incoming: bool) -> Document:
        way = "incoming" if incoming else "outgoing"
        with self.books.transaction():
            transfer_id = self.books.identifier("wire_", 27)
            self.accounts.get(bank_account_id)
            self.accounts.move(bank_account_id, amount if incoming else -amount, transfer_id, f"{way} wire")
            document = self.transfers.add(
                kind,
                {
                    "id": transfer_id,
                    "amount": amount,
                    "currency_code": "USD",
                    "bank_account_id": bank_account_id,
                    "description": description,
                    "is_incoming": incoming,
                    "status": "COMPLETED",
                },
                bank_account_id=bank_account_id,
            )
            self.events.record(f"wire.{way}_transfer.completed", document)
        return document

    def book(self) -> dict[str, Any]:
        accounts = self.books.rows("SELECT id, description, available FROM bank_accounts ORDER BY id")
        transfers = self.books.rows(
            """SELECT t.kind, t.document, substr(c.account_number, -4) AS last_four
               FROM transfers t LEFT JOIN counterparties c ON c.id = t.counterparty_id ORDER BY t.number"""
        )
        lines = self.books.rows("SELECT bank_account_id, amount, transfer_id, reason, at FROM lines ORDER BY id")
        return {
            "bank_accounts": accounts,
            "transfers": [
                {"kind": row["kind"], "last_four": row["last_four"], **json.loads(row["document"])} for row in transfers
            ],
            "lines": lines,
        }

    async def flush(self) -> None:
        await self.webhooks.flush()

    async def close(self) -> None:
        await self.webhooks.close()
        self.books.close()
