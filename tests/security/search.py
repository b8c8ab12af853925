"""Search for secrets as somebody would who got hold of the files: as they are, in hex, and in base64."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import asyncpg


def disguises(secret: str) -> set[bytes]:
    """The forms in which a secret may lie somewhere: text, hex, and base64 at each of its three alignments."""
    plain = secret.encode()
    found = {plain, plain.hex().encode(), plain.hex().upper().encode(), secret.encode("utf-16-le")}
    for before in range(3):
        coded = b64encode(b"\0" * before + plain)
        # the first and last characters also tell of the neighbours
        found.add(coded[4 if before else 0 :].rstrip(b"=")[:-1])
    return found


class Needles:
    """Secrets by name, ready to be searched for."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = {name: disguises(secret) for name, secret in secrets.items()}

    def within(self, hay: bytes) -> list[str]:
        """The names of the secrets that are in there."""
        return [name for name, forms in self._forms.items() if any(form in hay for form in forms)]

    def in_files(self, files: Iterable[Path]) -> list[str]:
        """What is found in which file."""
        return [f"{name} in {path}" for path in files for name in self.within(path.read_bytes())]


async def dump(url: str) -> list[tuple[str, bytes]]:
    """Every value of every row of every table, with the place where it stands: JSON in text, bytes as they are."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"
        )
        places = []
        for schema, table in tables:
            for row in await connection.fetch(f'select * from "{schema}"."{table}"'):
                places += [(f"{schema}.{table}.{column}", hay) for column, hay in _values(row)]
        return places
    finally:
        await connection.close()


def _values(row: asyncpg.Record) -> Iterator[tuple[str, bytes]]:
    for column, value in row.items():
        if isinstance(value, bytes):
            yield column, value
        elif value is not None:
            yield column, (value if isinstance(value, str) else json.dumps(value, default=str)).encode()
