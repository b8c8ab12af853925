"""Events: what the bank has to tell, in order, stored in the transaction that made them true."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.books import Books, Row
from sandbox.clock import BusinessClock, instant_text, real_now
from sandbox.column import paging
from sandbox.column.errors import invalid_parameter, not_found
from sandbox.notices import NoticeConfig


class Events:
    def __init__(self, books: Books, clock: BusinessClock, config: NoticeConfig) -> None:
        self._books = books
        self._clock = clock
        self._config = config

    def record(self, type_: str, data: Mapping[str, Any]) -> None:
        self._books.insert(
            "events",
            {
                "id": self._books.identifier("evnt_", 27),
                "type": type_,
                "created_at": instant_text(self._clock.now()),
                "data": json.dumps(data),
                "state": "pending",
                "not_before": instant_text(real_now() + timedelta(milliseconds=self._config.webhook_delay_ms)),
            },
        )

    def get(self, event_id: str) -> Row:
        found = self._books.row("SELECT * FROM events WHERE id = ?", (event_id,))
        if found is None:
            raise not_found("event")
        return found

    def pending(self, *, reverse: bool = False) -> list[Row]:
        order = "DESC" if reverse else "ASC"
        return self._books.rows(f"SELECT * FROM events WHERE state = 'pending' ORDER BY number {order}")

    def listed(self, after: int = 0, limit: int = 1000) -> list[Row]:
        return self._books.rows("SELECT * FROM events WHERE number > ? ORDER BY number LIMIT ?", (after, limit))

    def page(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Newest first, for a daily reconciliation where webhooks never came."""
        limit, before = paging.DEFAULT, 2**62
        for name, value in query.items():
            if name == "limit":
                limit = paging.page_size(value)
            elif name == "starting_after":
                before = self.get(value)["number"]
            else:
                raise invalid_parameter(name, "is not a filter of this listing")
        sql = "SELECT * FROM events WHERE number < ? ORDER BY number DESC LIMIT ?"
        rows = self._books.rows(sql, (before, limit + 1))
        return {"events": [document(row) for row in rows[:limit]], "has_more": len(rows) > limit}

    def attempted(self, event: Row, answer: str, *, delivered: bool, again_at: datetime | None) -> None:
        """``again_at`` is None when nothing more will be tried."""
        state = "delivered" if delivered or event["state"] == "delivered" else "pending" if again_at else "failed"
        self._books.execute(
            """UPDATE events SET state = ?, attempts = attempts + 1, last_answer = ?, not_before = ? WHERE id = ?""",
            (state, answer, instant_text(again_at or real_now()), event["id"]),
        )


def document(event: Row) -> dict[str, Any]:
    """The event as it is sent and as the API shows it."""
    return {
        "id": event["id"],
        "created_at": event["created_at"],
        "type": event["type"],
        "data": json.loads(event["data"]),
    }
