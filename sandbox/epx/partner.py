"""EPX as one of the sandbox's partners: its books, what it does over time, and what control may do to it."""

import json
from pathlib import Path
from typing import Any

from sandbox.agenda import Agenda
from sandbox.books import Books, Row
from sandbox.clock import BusinessClock
from sandbox.epx.config import EpxConfig, Terminal
from sandbox.epx.entries import Entries
from sandbox.epx.gateway import Gateway
from sandbox.epx.report import Reports
from sandbox.epx.schema import SCHEMA
from sandbox.epx.settlement import Settlement


class Epx:
    name = "epx"

    def __init__(self, config: EpxConfig, path: Path | None, clock: BusinessClock) -> None:
        self.config = config
        self.clock = clock
        self.books = Books(path, SCHEMA)
        self.agenda = Agenda(self.books, clock)
        self.entries = Entries(self.books, clock)
        self.settlement = Settlement(self.entries, self.agenda, clock)
        self.gateway = Gateway(self.entries, self.settlement, config, clock)
        self.reports = Reports(self.entries)
        for terminal in config.terminals:
            self.entries.add_terminal(terminal)

    def add_terminal(self, terminal: Terminal) -> None:
        self.entries.add_terminal(terminal)

    def find_entry(self, *, auth_guid: str | None, batch_id: str | None, tran_nbr: str | None) -> Row | None:
        if auth_guid is not None:
            return self.entries.by_guid(auth_guid)
        if batch_id is not None and tran_nbr is not None:
            return self.entries.by_tran_nbr(batch_id, tran_nbr)
        return None

    def unmatched_return(self, code: str, subject: dict[str, Any]) -> None:
        row = {"terminal": "", "guid": "", "tran_nbr": "", "batch_id": "", "tran_type": "", "amount": 0, **subject}
        with self.books.transaction():
            self.settlement.unmatched({"code": code, "subject": json.dumps(row)})

    def book(self) -> dict[str, Any]:
        entries = self.books.rows(
            """SELECT e.id, e.terminal, e.tran_nbr, e.batch_id, e.tran_type, e.amount, e.auth_resp, e.state, e.guid,
                      e.orig_guid, e.received_at, e.settlement_date, e.return_code,
                      substr(b.account_number, -4) AS last_four
               FROM entries e LEFT JOIN brics b ON b.guid = e.guid ORDER BY e.id"""
        )
        merchants = self.books.rows(
            """SELECT t.merch_nbr, COALESCE((SELECT sum(p.amount) FROM postings p WHERE p.merch_nbr = t.merch_nbr), 0)
                      AS settled_net
               FROM terminals t GROUP BY t.merch_nbr ORDER BY t.merch_nbr"""
        )
        postings = self.books.rows("SELECT merch_nbr, entry, amount, reason, posted_at FROM postings ORDER BY id")
        return {"merchants": merchants, "entries": entries, "postings": postings}

    async def flush(self) -> None:
        """Nobody is told: the feeds are fetched."""

    async def close(self) -> None:
        self.books.close()
