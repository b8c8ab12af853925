"""Many postings in one commit, as callers that wait for one another would share it: what that could bring at most.

Each lane is a connection with accounts of its own, so that no lane waits for another and none deadlocks; nobody waits
for callers to gather, and nothing is handed back to them. Whatever shares commits for real does all of that too.
"""

import json
from contextlib import AsyncExitStack

import asyncpg

from bench.contenders.accounts import ACCOUNTS, pair
from bench.contenders.books import DAY, POST, Books, wallet
from bench.sample import Once

GROUP = (
    "select ledger.post($1, posting.key, 'bench', 'USD', posting.entries, $4)"
    " from unnest($2::text[], $3::jsonb[]) as posting (key, entries)"
)


class GroupedPosting:
    """Lanes with postings by the group."""

    def __init__(self, books: Books, connections: "list[asyncpg.Connection[asyncpg.Record]]") -> None:
        self._organization = books.organization
        self._connections = connections

    @classmethod
    async def open(cls, books: Books, lanes: int, stack: AsyncExitStack) -> "GroupedPosting":
        """One connection per lane, in the organization."""
        session = {"bursar.organization_id": str(books.organization), "bursar.actor": "bench"}
        return cls(books, await books.server.connections(lanes, stack, session))

    def whole(self, size: int) -> Once:
        """So many whole postings, each with its key, audit row and balances, in one call and one commit."""

        async def once(lane: int, number: int) -> None:
            keys = [f"group/{number}/{place}" for place in range(size)]
            postings = [json.dumps([line]) for line in self._lines(lane, number, size)]
            await self._connections[lane].fetch(GROUP, self._organization, keys, postings, DAY)

        return once

    def one(self, size: int) -> Once:
        """One posting of so many entries: one key, one transaction row and one audit row for all of them."""

        async def once(lane: int, number: int) -> None:
            lines = json.dumps(self._lines(lane, number, size))
            await self._connections[lane].fetchval(POST, self._organization, f"one/{number}", lines, DAY)

        return once

    def _lines(self, lane: int, number: int, size: int) -> list[dict[str, object]]:
        among = ACCOUNTS // len(self._connections)
        first = lane * among
        pairs = (pair(number * size + place, among) for place in range(size))
        return [
            {"debit": wallet(first + debit), "credit": wallet(first + credit), "amount": 1} for debit, credit in pairs
        ]
