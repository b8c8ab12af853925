"""The daily report of a batch and the settlement and return feeds, as CSV downloads."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.books import Row
from sandbox.epx.entries import Entries

_REPORT = ("TERMINAL", "TRAN_NBR", "BATCH_ID", "TRAN_TYPE", "AMOUNT", "AUTH_RESP", "AUTH_GUID", "ORIG_AUTH_GUID",
           "RECEIVED_AT")  # fmt: skip
_SETTLEMENTS = ("EVENT_ID", "EVENT", "TERMINAL", "AUTH_GUID", "TRAN_NBR", "BATCH_ID", "TRAN_TYPE", "AMOUNT",
                "SETTLEMENT_DATE")  # fmt: skip
_RETURNS = ("EVENT_ID", "KIND", "TERMINAL", "AUTH_GUID", "TRAN_NBR", "BATCH_ID", "TRAN_TYPE", "AMOUNT", "RETURN_CODE",
            "RETURN_REASON", "RETURN_DATE", "ADDENDA", "CORRECTED_DATA")  # fmt: skip
FEED_LIMIT = 1000


@dataclass(frozen=True)
class BatchReport:
    text: str
    closed: bool


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


class Reports:
    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._books = entries.books

    def batch(self, owner: str, batch_id: str) -> BatchReport | None:
        """Every listed attempt of one batch, then a trailer that says whether the batch can still grow.

        ``owner`` is a MERCH_NBR or a whole four-part key. None when nobody has that name. A batch that was never
        used has an empty report; once it is closed, that is proof that nothing with its number took place.
        """
        terminals = self._books.rows("SELECT * FROM terminals WHERE key = :o OR merch_nbr = :o", {"o": owner})
        if not terminals:
            return None
        entries = self._books.rows(
            """SELECT e.* FROM entries e JOIN terminals t ON t.key = e.terminal
               WHERE e.batch_id = :batch AND (t.key = :o OR t.merch_nbr = :o) ORDER BY e.id""",
            {"batch": batch_id, "o": owner},
        )
        closed = self._entries.is_closed(terminals[0]["merch_nbr"], batch_id)
        accepted = sum(entry["amount"] for entry in entries if entry["state"] not in ("declined", "stored", "void"))
        trailer = ("TRAILER", batch_id, len(entries), money(accepted), "CLOSED" if closed else "OPEN")
        lines = [_report_line(entry) for entry in entries]
        return BatchReport(_csv(_REPORT, [*lines, trailer]), closed)

    def settlements(self, since: str | None) -> str:
        return _csv(_SETTLEMENTS, (
            (self.event_id(row["event"]), row["kind"], row["terminal"], row["guid"], row["tran_nbr"], row["batch_id"],
             row["tran_type"], money(row["amount"]), row["settlement_date"])
            for row in self._events("settlements", since)
        ))  # fmt: skip

    def returns(self, since: str | None) -> str:
        return _csv(_RETURNS, (
            (self.event_id(row["event"]), row["kind"], row["terminal"], row["guid"], row["tran_nbr"], row["batch_id"],
             row["tran_type"], money(row["amount"]), row["code"], row["reason"], row["business_date"],
             row["addenda"], row["corrected_data"])
            for row in self._events("returns", since)
        ))  # fmt: skip

    def event_id(self, number: int) -> str:
        """Stable, and unlike the ids of any other gateway's books."""
        tag = self._books.value("SELECT substr(value, 1, 6) FROM meta WHERE name = 'salt'")
        return f"E{tag.upper()}{number:09d}"

    def _events(self, feed: str, since: str | None) -> list[Row]:
        """After the event ``since``; raises ValueError when that is not one of our ids."""
        after = 0 if not since else int(since[-9:])
        if since and self.event_id(after) != since:
            raise ValueError("unknown event id")
        rows = self._books.rows(
            """SELECT v.id AS event, v.kind, v.code, v.reason, v.addenda, v.corrected_data, v.business_date, v.subject,
                      e.terminal, e.guid, e.tran_nbr, e.batch_id, e.tran_type, e.amount, e.settlement_date
               FROM events v LEFT JOIN entries e ON e.id = v.entry
               WHERE v.feed = ? AND v.id > ? ORDER BY v.id LIMIT ?""",
            (feed, after, FEED_LIMIT),
        )
        return [row if not row["subject"] else {**row, **json.loads(row["subject"])} for row in rows]


def _report_line(entry: Row) -> Sequence[str]:
    return (entry["terminal"], entry["tran_nbr"], entry["batch_id"], entry["tran_type"], money(entry["amount"]),
            entry["auth_resp"], entry["guid"] or "", entry["orig_guid"] or "", entry["received_at"])  # fmt: skip


def _csv(header: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()
