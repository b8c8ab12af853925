"""PayPal as one of the sandbox's partners."""

from pathlib import Path
from typing import Any

from sandbox.agenda import Agenda
from sandbox.books import Books
from sandbox.clock import BusinessClock
from sandbox.column.events import Events
from sandbox.paypal.access import Access
from sandbox.paypal.config import PayPalConfig
from sandbox.paypal.payouts import Payouts
from sandbox.paypal.schema import SCHEMA
from sandbox.paypal.webhooks import PayPalWebhooks


class PayPal:
    name = "paypal"

    def __init__(self, config: PayPalConfig, path: Path | None, clock: BusinessClock) -> None:
        self.config = config
        self.books = Books(path, SCHEMA)
        self.agenda = Agenda(self.books, clock)
        self.events = Events(self.books, clock, config)
        self.access = Access(self.books, config)
        self.webhooks = PayPalWebhooks(self.events, config, self.access)
        self.payouts = Payouts(self.books, clock, self.agenda, self.events, config)
        self.agenda.assign(self.payouts.actions)
        with self.books.transaction():
            fresh = not self.books.value("SELECT count(*) FROM balance")
            if fresh and config.opening_balance:
                self.payouts.top_up(config.opening_balance, "opening balance")

    def book(self) -> dict[str, Any]:
        items = self.books.rows(
            "SELECT id, batch_id, sender_batch_id, amount, status, error, created_at FROM items ORDER BY number"
        )
        return {
            "balance": self.payouts.balance(),
            "items": items,
            "lines": self.books.rows("SELECT amount, item_id, reason, at FROM balance ORDER BY id"),
        }

    async def flush(self) -> None:
        await self.webhooks.flush()

    async def close(self) -> None:
        await self.webhooks.close()
        self.books.close()
