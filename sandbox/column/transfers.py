"""Transfer documents of every kind: stored once, changed by their own module, listed in pages."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.books import Books
from sandbox.clock import BusinessClock, instant_text
from sandbox.column import paging
from sandbox.column.errors import invalid_parameter, not_found

Document = dict[str, Any]
_KINDS = ("book", "ach", "check", "wire", "international_wire", "realtime")
_ERROR_NAMES = {kind: f"{kind}_transfer" for kind in _KINDS}
_BOUNDS = {"created.gt": ">", "created.gte": ">=", "created.lt": "<", "created.lte": "<="}
_EQUAL = ("bank_account_id", "counterparty_id", "status")


class Transfers:
    def __init__(self, books: Books, clock: BusinessClock) -> None:
        self._books = books
        self._clock = clock

    def add(self, kind: str, document: Document, *, bank_account_id: str) -> Document:
        now = instant_text(self._clock.now())
        document |= {"created_at": now, "updated_at": now}
        self._books.insert(
            "transfers",
            {
                "id": document["id"],
                "kind": kind,
                "bank_account_id": bank_account_id,
                "counterparty_id": document.get("counterparty_id"),
                "status": document["status"],
                "created_at": now,
                "document": json.dumps(document),
            },
        )
        return document

    def get(self, kind: str, transfer_id: str) -> Document:
        """Raises ColumnError 404."""
        found = self._books.value("SELECT document FROM transfers WHERE id = ? AND kind = ?", (transfer_id, kind))
        if found is None:
            raise not_found(_ERROR_NAMES[kind])
        document: Document = json.loads(found)
        return document

    def change(self, document: Document, status: str, **more: Any) -> Document:
        """Move on to ``status``; ``more`` are further fields of the document."""
        changed = document | more | {"status": status, "updated_at": instant_text(self._clock.now())}
        self._books.execute(
            "UPDATE transfers SET status = ?, document = ? WHERE id = ?", (status, json.dumps(changed), document["id"])
        )
        return changed

    def page(self, kind: str, query: Mapping[str, str]) -> Document:
        """Newest first. ``starting_after`` is the id of the last transfer already seen."""
        conditions, values = ["kind = ?"], [kind]
        limit = paging.DEFAULT
        for name, value in query.items():
            if name == "limit":
                limit = paging.page_size(value)
            elif name in _EQUAL:
                conditions.append(f"{name} = ?")
                values.append(value.upper() if name == "status" else value)
            elif name in _BOUNDS:
                conditions.append(f"created_at {_BOUNDS[name]} ?")
                values.append(_instant(name, value))
            elif name == "starting_after":
                self.get(kind, value)
                conditions.append("number < (SELECT number FROM transfers WHERE id = ?)")
                values.append(value)
            else:
                raise invalid_parameter(name, "is not a filter of this listing")
        rows = self._books.rows(
            f"SELECT document FROM transfers WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT ?",
            [*values, limit + 1],
        )
        return {"transfers": [json.loads(row["document"]) for row in rows[:limit]], "has_more": len(rows) > limit}


def _instant(name: str, value: str) -> str:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise invalid_parameter(name, "must be an instant in ISO 8601 with a zone")
    return instant_text(instant)
