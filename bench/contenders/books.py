"""One organization's books with funded accounts, for all contenders that post to our ledger."""

import json
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import asyncpg

from bench.contenders.accounts import ACCOUNTS, FUNDS, Spread, pair
from bench.sample import Once
from bench.server import Server
from domain.ids import new_id
from domain.money_call import LedgerLine

DAY = date(2026, 11, 20)
HOT = "org:bench:cash"
HOT_DEFERRED = "rail:bench:in_transit"
POST = "select ledger.post($1, $2, 'bench', 'USD', $3::jsonb, $4)"
HOLD = "select ledger.hold($1, $2, 'bench', 'USD', $3::jsonb, $4, 'reservation', $5)"
POST_HOLD = "select ledger.post_hold($1, $2, $3, $4)"


def wallet(number: int) -> str:
    """A checked account with floor zero."""
    return f"family:{number:04d}:wallet:main"


def line(number: int, spread: Spread) -> LedgerLine:
    """The n-th transfer, of one cent."""
    debit, credit = pair(number)
    to = {"spread": wallet(credit), "hot": HOT, "hot deferred": HOT_DEFERRED}[spread]
    return LedgerLine(wallet(debit), to, 1)


def entries(number: int, spread: Spread) -> str:
    """The same as the server's functions read it."""
    made = line(number, spread)
    return json.dumps([{"debit": made.debit, "credit": made.credit, "amount": made.amount}])


@dataclass(frozen=True, slots=True)
class Books:
    """Whose books; all contenders post to the same accounts."""

    server: Server
    organization: UUID = field(default_factory=new_id)

    async def open(self) -> "Books":
        """The organization, and money in every account."""
        owner = await self.server.connect(owner=True)
        await owner.execute("insert into organization (id, name) values ($1, 'Bench')", self.organization)
        await owner.execute("select set_config('bursar.organization_id', $1, false)", str(self.organization))
        codes = [wallet(number) for number in range(ACCOUNTS)] + [HOT]
        for first in range(0, len(codes), 500):
            lines = [{"debit": "external:bank", "credit": code, "amount": FUNDS} for code in codes[first : first + 500]]
            await owner.execute(POST, self.organization, f"funds/{first}", json.dumps(lines), DAY)
        await owner.close()
        return self


class BarePosting:
    """The server's functions straight from the driver: own commit for each, every guarantee on."""

    def __init__(self, books: Books, connections: "list[asyncpg.Connection[asyncpg.Record]]") -> None:
        self._organization = books.organization
        self._connections = connections
        self._held: deque[UUID] = deque()

    @classmethod
    async def open(cls, books: Books, callers: int, stack: AsyncExitStack) -> "BarePosting":
        """One connection per caller, in the organization."""
        session = {"bursar.organization_id": str(books.organization), "bursar.actor": "bench"}
        return cls(books, await books.server.connections(callers, stack, session))

    def post(self, spread: Spread, schema: str = "ledger") -> Once:
        """`ledger.post`, or a schema's copy of it."""
        statement = POST.replace("ledger.", f"{schema}.")

        async def once(caller: int, number: int) -> None:
            await self._connections[caller].fetchval(
                statement, self._organization, f"post/{number}", entries(number, spread), DAY
            )

        return once

    def post_twice(self, spread: Spread) -> Once:
        """Two postings, two commits: what hold and post_hold have in common with them, and no more."""
        first, second = self.post(spread), self.post(spread)

        async def once(caller: int, number: int) -> None:
            await first(caller, number)
            await second(caller, -number)

        return once

    def hold_and_post(self, spread: Spread, schema: str = "ledger") -> Once:
        """`ledger.hold`, then `ledger.post_hold`, or a schema's copies: two commits, as a money call makes them."""
        first, second = (statement.replace("ledger.", f"{schema}.") for statement in (HOLD, POST_HOLD))

        async def once(caller: int, number: int) -> None:
            connection = self._connections[caller]
            hold = await connection.fetchval(
                first, self._organization, f"hold/{number}", entries(number, spread), DAY, new_id()
            )
            await connection.fetchval(second, self._organization, hold, f"post/{number}", DAY)

        return once

    def hold(self, spread: Spread) -> Once:
        """`ledger.hold`; the hold is left for `post_held`."""

        async def once(caller: int, number: int) -> None:
            self._held.append(
                await self._connections[caller].fetchval(
                    HOLD, self._organization, f"hold/{number}", entries(number, spread), DAY, new_id()
                )
            )

        return once

    async def post_held(self, caller: int, number: int) -> None:
        """`ledger.post_hold` of one that `hold` left. IndexError when none is left."""
        await self._connections[caller].fetchval(
            POST_HOLD, self._organization, self._held.popleft(), f"post/{number}", DAY
        )
