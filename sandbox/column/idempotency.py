"""Idempotency keys as Column keeps them: only successful results are replayed, and only for thirty days."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sandbox.books import Books
from sandbox.clock import BusinessClock, instant_text
from sandbox.column.errors import ColumnError
from sandbox.column.form import Fields

LIFE = timedelta(days=30)
LONGEST_KEY = 255


def check_key(key: str) -> None:
    """Raises ColumnError for a key that is missing or cannot be one."""
    if not key:
        raise ColumnError("invalid_request_error", "idempotency_key_required", "Send an Idempotency-Key header.")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise ColumnError("invalid_request_error", "invalid_idempotency_key", "At most 255 printable characters.")


def fingerprint(path: str, fields: Fields) -> str:
    return hashlib.sha256(json.dumps([path, fields], sort_keys=True).encode()).hexdigest()


class IdempotencyKeys:
    def __init__(self, books: Books, clock: BusinessClock) -> None:
        self._books = books
        self._clock = clock

    def once(self, key: str, print_: str, act: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
        """(document, whether it is a replay). Runs inside the caller's transaction, so a refusal stores nothing."""
        since = instant_text(self._clock.now() - LIFE)
        self._books.execute("DELETE FROM idempotency_keys WHERE key = ? AND created_at < ?", (key, since))
        known = self._books.row("SELECT * FROM idempotency_keys WHERE key = ?", (key,))
        if known is not None:
            if known["fingerprint"] != print_:
                raise ColumnError(
                    "invalid_request_error", "idempotency_key_reused", "This key was used for another request."
                )
            replayed: dict[str, Any] = json.loads(known["document"])
            return replayed, True
        document = act()
        self._books.insert(
            "idempotency_keys",
            {
                "key": key,
                "fingerprint": print_,
                "document": json.dumps(document),
                "created_at": instant_text(self._clock.now()),
            },
        )
        return document, False
