"""Chek as one of the sandbox's partners: its books, what it does over time, and what control may do to it."""

import json
from pathlib import Path
from typing import Any

from sandbox.agenda import Agenda
from sandbox.books import Books
from sandbox.chek.balance_transfers import BalanceTransfers
from sandbox.chek.cards import Cards
from sandbox.chek.config import ChekConfig
from sandbox.chek.direct_pay import DirectPay
from sandbox.chek.programs import Programs
from sandbox.chek.schema import SCHEMA
from sandbox.chek.users import Users
from sandbox.chek.wallets import Wallets
from sandbox.clock import BusinessClock


class Chek:
    name = "chek"

    def __init__(self, config: ChekConfig, path: Path | None, clock: BusinessClock) -> None:
        self.config = config
        self.books = Books(path, SCHEMA)
        self.agenda = Agenda(self.books, clock)
        self.wallets = Wallets(self.books, clock)
        self.programs = Programs(self.books, clock, self.wallets)
        self.users = Users(self.books, clock, self.wallets, config)
        self.cards = Cards(self.books, clock, wallets=self.wallets, users=self.users, programs=self.programs)
        self.balance_transfers = BalanceTransfers(self.wallets, self.users, self.cards)
        self.direct_pay = DirectPay(
            self.books, clock, self.agenda, wallets=self.wallets, users=self.users, programs=self.programs
        )
        for program in config.programs:
            self.programs.open(program)

    def book(self) -> dict[str, Any]:
        transfers = self.books.rows("SELECT * FROM transfers ORDER BY id")
        return {
            "balances": self.books.rows("SELECT * FROM balances ORDER BY kind, id"),
            "transfers": [row | {"metadata": json.loads(row["metadata"])} for row in transfers],
            "payments": self.books.rows("SELECT * FROM payments ORDER BY number"),
            "cards": self.books.rows("SELECT * FROM cards ORDER BY id"),
            "direct_pay": self.books.rows("SELECT * FROM direct_pay ORDER BY user_id"),
        }

    async def flush(self) -> None:
        """Nobody is told: Chek is asked."""

    async def close(self) -> None:
        self.books.close()
