"""One SQLite database per partner: its own file, or memory when no path is given."""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Values = Sequence[Any] | Mapping[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS agenda (
    id INTEGER PRIMARY KEY, due TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS agenda_due ON agenda (due, id);
"""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


class Books:
    """A partner's database. Everything runs on the event loop's thread without awaiting in between, so each
    transaction is atomic for observers and all of them are serialised: no partner can lie under concurrency."""

    def __init__(self, path: Path | None, schema: str) -> None:
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._connection.row_factory = _as_dict
        # A killed process loses nothing (the kernel holds the pages); only a power cut could, which no test does.
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;")
        self._connection.executescript(_SCHEMA + schema)
        self.execute("INSERT OR IGNORE INTO meta VALUES ('salt', ?)", (secrets.token_hex(16),))
        self.execute("INSERT OR IGNORE INTO meta VALUES ('sequence', '0')")
        self._salt = bytes.fromhex(self.value("SELECT value FROM meta WHERE name = 'salt'"))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Joins a transaction that is already open."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Returns the row id. Table and column names are the sandbox's own constants."""
        columns = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        return self.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", row).lastrowid or 0

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> Row | None:
        found: Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def one(self, sql: str, values: Values = ()) -> Row:
        """The row that is known to exist. Raises LookupError when it does not."""
        found = self.row(sql, values)
        if found is None:
            raise LookupError("no such row")
        return found

    def value(self, sql: str, values: Values = ()) -> Any:
        found = self.row(sql, values)
        return None if found is None else next(iter(found.values()))

    def identifier(self, prefix: str, length: int) -> str:
        """A new id: ``prefix`` plus ``length`` characters. Salted, so two fresh books never hand out the same ids."""
        number = self.value("UPDATE meta SET value = value + 1 WHERE name = 'sequence' RETURNING value")
        digest = int.from_bytes(hashlib.blake2b(str(number).encode(), key=self._salt).digest(), "big")
        characters = []
        for _ in range(length):
            digest, index = divmod(digest, len(_ALPHABET))
            characters.append(_ALPHABET[index])
        return prefix + "".join(characters)

    def close(self) -> None:
        self._connection.close()
