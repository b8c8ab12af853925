"""Stored messages, and finding them again."""

import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import Any

from sandbox.books import Books, Row
from sandbox.clock import BusinessClock, instant_text, real_now

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, business_at TEXT NOT NULL,
    sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, headers TEXT NOT NULL,
    text TEXT NOT NULL, html TEXT NOT NULL, attachments TEXT NOT NULL, raw BLOB NOT NULL
);
"""


class Mailbox:
    name = "mailbox"

    def __init__(self, path: Path | None, clock: BusinessClock) -> None:
        self._books = Books(path, SCHEMA)
        self._clock = clock

    def store(self, sender: str, recipients: list[str], raw: bytes) -> int:
        """Returns the message's id."""
        message = message_from_bytes(raw, policy=policy.default)
        return self._books.insert(
            "messages",
            {
                "received_at": instant_text(real_now()),
                "business_at": instant_text(self._clock.now()),
                "sender": sender,
                "recipients": json.dumps(recipients),
                "subject": str(message["subject"] or ""),
                "headers": json.dumps({name: str(value) for name, value in message.items()}),
                "text": _content(message, "plain"),
                "html": _content(message, "html"),
                "attachments": json.dumps([part.get_filename() or "" for part in message.iter_attachments()]),
                "raw": raw,
            },
        )

    def found(self, *, to: str | None = None, subject: str | None = None, text: str | None = None, after: int = 0,
              limit: int = 100) -> list[dict[str, Any]]:  # fmt: skip
        """In order of receipt: ``to`` is a whole address, the others any part, without regard to case."""
        rows = self._books.rows("SELECT * FROM messages WHERE id > ? ORDER BY id", (after,))
        messages = (_readable(row) for row in rows)
        return list(islice((each for each in messages if _fits(each, to=to, subject=subject, text=text)), limit))

    def raw(self, message_id: int) -> bytes | None:
        found: bytes | None = self._books.value("SELECT raw FROM messages WHERE id = ?", (message_id,))
        return found

    def clear(self) -> None:
        self._books.execute("DELETE FROM messages")

    def close(self) -> None:
        self._books.close()


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return "" if part is None else str(part.get_content())


def _fits(message: dict[str, Any], *, to: str | None, subject: str | None, text: str | None) -> bool:
    recipients = [recipient.casefold() for recipient in message["recipients"]]
    return (
        (to is None or to.casefold() in recipients)
        and (subject is None or subject.casefold() in message["subject"].casefold())
        and (text is None or text.casefold() in (message["text"] + message["html"]).casefold())
    )


def _readable(row: Row) -> dict[str, Any]:
    decoded = {name: json.loads(row[name]) for name in ("recipients", "headers", "attachments")}
    return {name: value for name, value in row.items() if name != "raw"} | decoded
