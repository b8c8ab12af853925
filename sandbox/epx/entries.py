"""The gateway's books: terminals, tokens, batches and entries."""

from datetime import date, timedelta

from sandbox.books import Books, Row
from sandbox.calendar import new_york, new_york_date
from sandbox.clock import BusinessClock, instant_text
from sandbox.epx.config import Terminal
from sandbox.epx.fields import Account


class Entries:
    def __init__(self, books: Books, clock: BusinessClock) -> None:
        self.books = books
        self._clock = clock

    def add_terminal(self, terminal: Terminal) -> None:
        self.books.execute(
            "INSERT OR IGNORE INTO terminals VALUES (?, ?, ?)",
            (terminal.key, terminal.merch_nbr, terminal.terminal_nbr),
        )

    def terminal(self, key: str) -> Row | None:
        return self.books.row("SELECT * FROM terminals WHERE key = ?", (key,))

    def batch_day(self, merch_nbr: str, batch_id: str) -> date:
        """The New York day of a batch: its number read as YYYYMMDD, else the day of its first use."""
        try:
            if len(batch_id) == 8:
                return date.fromisoformat(batch_id)
        except ValueError:
            pass  # digits that are no date are a batch number like any other
        day = self.books.value("SELECT day FROM batches WHERE merch_nbr = ? AND batch_id = ?", (merch_nbr, batch_id))
        return new_york_date(self._clock.now()) if day is None else date.fromisoformat(day)

    def is_closed(self, merch_nbr: str, batch_id: str) -> bool:
        """A batch closes for good at the midnight that ends its day in New York."""
        return self._clock.now() >= new_york(self.batch_day(merch_nbr, batch_id) + timedelta(days=1), 0)

    def use_batch(self, merch_nbr: str, batch_id: str) -> None:
        day = self.batch_day(merch_nbr, batch_id).isoformat()
        self.books.execute("INSERT OR IGNORE INTO batches VALUES (?, ?, ?)", (merch_nbr, batch_id, day))

    def new_guid(self, merch_nbr: str, account: Account, kind: str) -> str:
        """A token for an account: ``storage`` for good, ``financial`` for thirteen months."""
        guid = self.books.identifier("09", 17)
        self.books.insert(
            "brics",
            {
                "guid": guid,
                "merch_nbr": merch_nbr,
                "kind": kind,
                "family": account.family,
                "routing_number": account.routing_number,
                "account_number": account.account_number,
                "created_at": instant_text(self._clock.now()),
            },
        )
        return guid

    def bric(self, merch_nbr: str, guid: str) -> Row | None:
        return self.books.row("SELECT * FROM brics WHERE guid = ? AND merch_nbr = ?", (guid, merch_nbr))

    def number_behind(self, guid: str) -> str:
        """The account number of a token of whichever merchant; empty where there is none."""
        return str(self.books.value("SELECT account_number FROM brics WHERE guid = ?", (guid,)) or "")

    def account_of(self, guid: str) -> Account:
        bric = self.books.one("SELECT * FROM brics WHERE guid = ?", (guid,))
        return Account(bric["family"], bric["routing_number"], bric["account_number"])

    def add(self, row: Row) -> int:
        return self.books.insert("entries", {**row, "received_at": instant_text(self._clock.now())})

    def entry(self, entry_id: int) -> Row:
        return self.books.one("SELECT * FROM entries WHERE id = ?", (entry_id,))

    def by_guid(self, guid: str) -> Row | None:
        return self.books.row("SELECT * FROM entries WHERE guid = ?", (guid,))

    def by_tran_nbr(self, batch_id: str, tran_nbr: str) -> Row | None:
        """The first accepted one where a number was used twice."""
        return self.books.row(
            "SELECT * FROM entries WHERE batch_id = ? AND tran_nbr = ? ORDER BY state = 'declined', id LIMIT 1",
            (batch_id, tran_nbr),
        )

    def tran_nbr_used(self, terminal: str, batch_id: str, tran_nbr: str) -> bool:
        sql = "SELECT 1 FROM entries WHERE terminal = ? AND batch_id = ? AND tran_nbr = ?"
        return self.books.row(sql, (terminal, batch_id, tran_nbr)) is not None

    def set_state(self, entry_id: int, state: str) -> None:
        self.books.execute("UPDATE entries SET state = ? WHERE id = ?", (state, entry_id))

    def credited_back(self, guid: str) -> bool:
        sql = "SELECT 1 FROM entries WHERE orig_guid = ? AND substr(tran_type, 4) = '3' AND state <> 'declined'"
        return self.books.row(sql, (guid,)) is not None
