"""What a unit of work says to the server, said by the driver alone: no SQLAlchemy, no pool."""

from contextlib import AsyncExitStack

import asyncpg

from bench.contenders.accounts import Spread
from bench.contenders.books import DAY, Books, entries
from bench.sample import Once

BEGIN = (
    "begin; select set_config('bursar.organization_id', '{}', true), set_config('bursar.actor', 'bench', true),"
    " set_config('bursar.request_id', '', true)"
)
POST = "select ledger.post($1, $2, $3, $4, $5::jsonb, $6, $7, $8)"


class StraightPath:
    """One connection per caller; the same statements in the same trips as a unit of work that only posts."""

    def __init__(self, books: Books, connections: "list[asyncpg.Connection[asyncpg.Record]]") -> None:
        self._books = books
        self._connections = connections

    @classmethod
    async def open(cls, books: Books, callers: int, stack: AsyncExitStack) -> "StraightPath":
        """Connect; the stack closes."""
        return cls(books, await books.server.connections(callers, stack))

    def post(self, spread: Spread) -> Once:
        """Begin with the settings, post, commit."""
        organization = self._books.organization
        begin = BEGIN.format(organization)

        async def once(caller: int, number: int) -> None:
            driver = self._connections[caller]
            await driver.execute(begin)
            await driver.fetchrow(
                POST, organization, f"post/{number}", "bench", "USD", entries(number, spread), DAY, "", False
            )
            await driver.execute("commit")

        return once
