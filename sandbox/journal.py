"""What the partners were asked, in order: the proof of how often money was really asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.books import Books, Row
from sandbox.clock import BusinessClock, instant_text, real_now

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL, business_at TEXT NOT NULL,
    partner TEXT NOT NULL, operation TEXT NOT NULL,
    reference TEXT, amount INTEGER, last_four TEXT, detail TEXT NOT NULL,
    processed INTEGER NOT NULL DEFAULT 0, took_effect INTEGER NOT NULL DEFAULT 0,
    outcome TEXT, fault TEXT, answered TEXT, answered_at TEXT
);
CREATE INDEX IF NOT EXISTS journal_reference ON journal (partner, reference);
"""


LARGEST_AMOUNT = 10**15  # what is beyond it is no amount but an attack on the column


@dataclass(frozen=True)
class Call:
    """One received request, as far as it may be remembered: no account number, name or key."""

    operation: str
    reference: str | None = None
    amount: int | None = None  # minor units
    last_four: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


class Journal:
    def __init__(self, books: Books, clock: BusinessClock) -> None:
        self._books = books
        self._clock = clock

    def received(self, partner: str, call: Call, fault: str | None) -> int:
        return self._books.insert(
            "journal",
            {
                "received_at": instant_text(real_now()),
                "business_at": instant_text(self._clock.now()),
                "partner": partner,
                "operation": call.operation,
                "reference": None if call.reference is None else call.reference.encode(errors="replace").decode(),
                "amount": call.amount if call.amount is not None and abs(call.amount) <= LARGEST_AMOUNT else None,
                "last_four": call.last_four,
                "detail": json.dumps(dict(call.detail)),
                "fault": fault,
            },
        )

    def processed(self, entry: int, *, took_effect: bool, outcome: str) -> None:
        self._books.execute(
            "UPDATE journal SET processed = 1, took_effect = ?, outcome = ? WHERE id = ?", (took_effect, outcome, entry)
        )

    def answered(self, entry: int, answer: str) -> None:
        self._books.execute(
            "UPDATE journal SET answered = ?, answered_at = ? WHERE id = ?", (answer, instant_text(real_now()), entry)
        )

    def entries(
        self,
        *,
        partner: str | None = None,
        operation: str | None = None,
        reference: str | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[Row]:
        """In order of receipt. ``after`` is the id of the last entry already seen."""
        wanted: dict[str, Any] = {"partner": partner, "operation": operation, "reference": reference}
        conditions = ["id > :after"] + [f"{name} = :{name}" for name, value in wanted.items() if value is not None]
        found = self._books.rows(
            f"SELECT * FROM journal WHERE {' AND '.join(conditions)} ORDER BY id LIMIT :limit",
            {**wanted, "after": after, "limit": limit},
        )
        return [_readable(row) for row in found]

    def clear(self) -> None:
        self._books.execute("DELETE FROM journal")


def _readable(row: Row) -> Row:
    return {
        **row,
        "detail": json.loads(row["detail"]),
        "processed": bool(row["processed"]),
        "took_effect": bool(row["took_effect"]),
    }
