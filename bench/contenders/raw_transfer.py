"""The limit: a minimal transfer in one server-side call, from the same driver."""

from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from bench.contenders.accounts import ACCOUNTS, Spread, pair
from bench.sample import Once
from bench.server import Server

NAME = "raw transfer"


async def prepare(server: Server) -> None:
    """Its own tables, in the same database."""
    owner = await server.connect(owner=True)
    await owner.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    await owner.close()


class RawTransfer:
    """One connection per caller."""

    def __init__(self, connections: "list[asyncpg.Connection[asyncpg.Record]]") -> None:
        self._connections = connections

    @classmethod
    async def open(cls, server: Server, callers: int, stack: AsyncExitStack) -> "RawTransfer":
        """Connect; the stack closes."""
        return cls(await server.connections(callers, stack))

    def transfer(self, spread: Spread) -> Once:
        """Own commit for each."""

        async def once(caller: int, number: int) -> None:
            debit, credit = pair(number)
            await self._connections[caller].fetchval(
                "select raw.transfer($1, $2, 1)", debit, credit if spread == "spread" else ACCOUNTS
            )

        return once
