"""pgledger's published SQL, where it is at hand, none of it is here: `BENCH_PGLEDGER=uuid-to-ulid.sql:pgledger.sql`."""

import os
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from bench.contenders.accounts import ACCOUNTS, Spread, pair
from bench.sample import Once
from bench.server import SESSION, Server

NAME = "pgledger"
GIVEN = "BENCH_PGLEDGER"
SCHEMA = "pgledger_peer"


def files() -> list[Path]:
    """The files that were given, in the order in which they are to be run; none where it is not measured."""
    return [Path(part) for part in os.environ.get(GIVEN, "").split(os.pathsep) if part]


class Pgledger:
    """One connection per caller; accounts as ours: floored wallets, and one that everybody pays into."""

    def __init__(self, accounts: list[str], connections: "list[asyncpg.Connection[asyncpg.Record]]") -> None:
        self._accounts = accounts
        self._connections = connections

    @classmethod
    async def open(cls, server: Server, callers: int, stack: AsyncExitStack) -> "Pgledger":
        """Connect, and know the accounts."""
        session = {**SESSION, "search_path": SCHEMA}
        connections = await server.connections(callers, stack, session)
        rows = await connections[0].fetch("select id from pgledger_accounts where name <> 'source' order by name")
        return cls([row["id"] for row in rows], connections)

    def transfer(self, spread: Spread) -> Once:
        """Own commit for each."""

        async def once(caller: int, number: int) -> None:
            debit, credit = pair(number)
            to = credit if spread == "spread" else ACCOUNTS
            await self._connections[caller].fetch(
                "select id from pgledger_create_transfer($1, $2, 0.01)", self._accounts[debit], self._accounts[to]
            )

        return once


async def prepare(server: Server) -> None:
    """Its tables in a schema of their own, a thousand funded accounts and the hot one."""
    owner = await server.connect(owner=True, session={**SESSION, "search_path": SCHEMA})
    await owner.execute(f"create schema {SCHEMA}")
    for file in files():
        await owner.execute(file.read_text(encoding="utf-8"))
    await owner.execute(f"grant usage on schema {SCHEMA} to bursar_app")
    await owner.execute(f"grant all on all tables in schema {SCHEMA} to bursar_app")
    await owner.execute("select pgledger_create_account('source', 'USD')")
    await owner.execute(
        "select pgledger_create_account('account-' || lpad(i::text, 5, '0'), 'USD', allow_negative_balance => false)"
        f" from generate_series(0, {ACCOUNTS}) as i"
    )
    await owner.execute(
        "select pgledger_create_transfer(s.id, a.id, 1000000) from pgledger_accounts s, pgledger_accounts a"
        " where s.name = 'source' and a.name <> 'source'"
    )
    await owner.close()
