"""The way that flows take to the ledger: units of work, and a whole money call with its hold, audit and events."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date
from uuid import UUID

from bench.contenders.accounts import Spread
from bench.contenders.books import DAY, Books, line
from bench.sample import Once
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.ids import new_id
from domain.money import Money
from domain.money_call import Hold, LedgerLine, NewMoneyCall, Outcome

Deed = Callable[[], Awaitable[object]]


class FlowsPath:
    """One pool with a connection for each caller."""

    def __init__(self, books: Books, database: Database) -> None:
        self._books = books
        self._database = database

    @classmethod
    async def open(cls, books: Books, callers: int, stack: AsyncExitStack) -> "FlowsPath":
        """The stack closes the pool."""
        database = Database(books.server.app_url, Keyring.generate(), pool_size=callers)
        stack.push_async_callback(database.close)
        return cls(books, database)

    def post(self, spread: Spread) -> Once:
        """A unit of work that does nothing but post."""

        async def once(_caller: int, number: int) -> None:
            async with self._database.unit_of_work(self._books.organization, actor="bench") as uow:
                await uow.ledger.post(f"post/{number}", "bench", "USD", [line(number, spread)], DAY)

        return once

    async def borrow(self, _caller: int, _number: int) -> None:
        """Nothing but what SQLAlchemy does for it: a connection is taken from the pool and given back."""
        connection = await self._database.engine.connect()
        await connection.close()

    def money_call(self, spread: Spread) -> Once:
        """Recorded with its hold, taken for sending, settled as applied: three units of work and no rail."""

        async def once(_caller: int, number: int) -> None:
            await play_money_call(self._database, self._books.organization, number, (line(number, spread),), DAY)

        return once


async def play_money_call(
    database: Database,
    organization_id: UUID,
    number: int,
    lines: tuple[LedgerLine, ...],
    day: date,
    exchange: Deed | None = None,
) -> None:
    """Three units of work: recorded with its hold, taken for sending, settled as applied. `exchange` sends it."""
    new = NewMoneyCall(
        step="pay",
        ordinal=1,
        rail="epx",
        operation="CKC2",
        rail_reference=f"bench/{number}",
        money=Money(1, "USD"),
        request={"AMOUNT": "0.01", "TRAN_NBR": str(number)},
        hold=Hold("bench", lines),
    )
    async with database.unit_of_work(organization_id, actor="bench") as uow:
        call = await uow.money_calls.record("bench", new_id(), new, "query", day)
    async with database.unit_of_work(organization_id, actor="bench") as uow:
        taken = await uow.money_calls.begin_send(call, window_seconds=60, settling_seconds=5)
    if taken is None:
        raise RuntimeError("nobody else sends this call")
    if exchange is not None:
        await exchange()
    applied = Outcome("applied", "00", "ACCEPTED", rail_id=f"guid-{number}", response=b"<RESPONSE/>")
    async with database.unit_of_work(organization_id, actor="bench") as uow:
        await uow.money_calls.settle(taken, applied, by="answer", effective_date=day)
