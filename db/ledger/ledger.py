"""The ledger of a unit of work: each posting is one call of a server-side function (docs/ledger.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import asyncpg

from db.ledger.balance import Balance
from db.ledger.errors import ledger_error
from db.ledger.statement import STATEMENT, Position, StatementLine, read_line
from domain.money import Money
from domain.money_call import LedgerLine

OwnerKind = Literal["money_call", "reservation"]


class Transaction(Protocol):
    """What the ledger needs of the unit of work."""

    @property
    def organization_id(self) -> UUID:
        """Whose books."""

    async def driver(self) -> asyncpg.Connection[asyncpg.Record]:
        """The raw connection; it is inside the unit of work's transaction, or this raises."""


class Ledger:
    """The books of one organization. Make the ledger call the last of the unit of work: it locks what others wait for.

    Every posting has a key, unique for ever in its organization: the same key with the same content returns the id of
    the first, with other content it raises LedgerKeyReused. Raises the LedgerErrors of domain/errors.py.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def post(
        self,
        key: str,
        kind: str,
        currency: str,
        lines: Sequence[LedgerLine],
        effective_date: date,
        *,
        description: str = "",
        fact: bool = False,
    ) -> UUID:
        """Book lines. Own will obeys floors and closed accounts; a fact, reported by a rail, is always booked.

        What an account cannot bear of a fact stands on `receivable:<account>`, and a person gets a case.
        """
        return await self._book(
            "select ledger.post($1, $2, $3, $4, $5::jsonb, $6, $7, $8)",
            key,
            kind,
            currency,
            _entries(lines),
            effective_date,
            description,
            fact,
        )

    async def hold(
        self,
        key: str,
        kind: str,
        currency: str,
        lines: Sequence[LedgerLine],
        effective_date: date,
        *,
        owner_kind: OwnerKind,
        owner_id: UUID,
        description: str = "",
    ) -> UUID:
        """Hold lines for a money call or a reservation: taken from what is available, not yet posted."""
        return await self._book(
            "select ledger.hold($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9)",
            key,
            kind,
            currency,
            _entries(lines),
            effective_date,
            owner_kind,
            owner_id,
            description,
        )

    async def post_hold(
        self, hold_id: UUID, key: str, effective_date: date, *, amount: int | None = None, release_rest: bool = True
    ) -> UUID:
        """Post a hold, whole or (one line only) in part; the rest is released or stays held.

        Fails on no floor, no closed account, no limit.
        """
        return await self._book(
            "select ledger.post_hold($1, $2, $3, $4, $5, $6)", hold_id, key, effective_date, amount, release_rest
        )

    async def void_hold(self, hold_id: UUID, key: str, effective_date: date) -> UUID:
        """Release all that a hold still holds."""
        return await self._book("select ledger.void_hold($1, $2, $3, $4)", hold_id, key, effective_date)

    async def close_account(self, code: str, currency: str) -> None:
        """Refuse further postings of our own will on an account; facts and the resolving of holds still pass."""
        await self._row("select ledger.close_account($1, $2, $3)", code, currency)

    async def available(self, code: str, currency: str) -> Money:
        """What an intention may take from an account now."""
        return (await self.balance(code, currency)).available

    async def balance(self, code: str, currency: str) -> Balance:
        """The balance now, this transaction's own postings included."""
        return _balance(await self._row("select * from ledger.balance_now($1, $2, $3)", code, currency), currency)

    async def balance_as_of(self, code: str, currency: str, at: datetime) -> Balance:
        """The balance as the books stood at a past instant, by recording time."""
        row = await self._row("select * from ledger.balance_as_of($1, $2, $3, $4)", code, currency, at)
        return _balance(row, currency)

    async def balance_on(self, code: str, currency: str, day: date) -> Money:
        """What was posted by the end of an effective date, as known now: back-dated postings count."""
        row = await self._row("select ledger.balance_on($1, $2, $3, $4) as posted", code, currency, day)
        return Money(row["posted"], currency)

    async def statement(
        self, code: str, currency: str, *, limit: int = 100, after: Position | None = None
    ) -> list[StatementLine]:
        """The account's lines, newest first; `after` is the position of the last line of the page before."""
        driver = await self._transaction.driver()
        position = after or Position.newest()
        place = (position.xid, position.transaction_id, position.n)
        try:
            rows = await driver.fetch(STATEMENT, self._transaction.organization_id, code, currency, *place, limit)
        except asyncpg.PostgresError as error:
            raise ledger_error(error) from None
        return [read_line(row, currency) for row in rows]

    async def _book(self, statement: str, *values: Any) -> UUID:
        transaction_id: UUID = (await self._row(statement, *values))[0]
        return transaction_id

    async def _row(self, statement: str, *values: Any) -> asyncpg.Record:
        driver = await self._transaction.driver()
        try:
            row = await driver.fetchrow(statement, self._transaction.organization_id, *values)
        except asyncpg.PostgresError as error:
            raise ledger_error(error) from None
        if row is None:
            raise RuntimeError("a function of the ledger returned no row")
        return row


def _entries(lines: Sequence[LedgerLine]) -> str:
    return json.dumps([{"debit": line.debit, "credit": line.credit, "amount": line.amount} for line in lines])


def _balance(row: asyncpg.Record, currency: str) -> Balance:
    return Balance(Money(row["posted"], currency), Money(row["held"], currency))
