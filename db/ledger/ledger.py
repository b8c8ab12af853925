"""The ledger as a unit of work reaches it: each posting is one call of a server-side function in its transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from db.ledger.errors import ledger_error
from domain.money_call import LedgerLine

if TYPE_CHECKING:
    from db.unit_of_work import UnitOfWork


class Ledger:
    """Postings and balances of the unit of work's organization. Errors: the LedgerError family."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

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
        """Post; the same key and content again returns the same transaction. A fact is always booked."""
        return await self._value(
            "select ledger.post($1, $2, $3, $4, $5::jsonb, $6, $7, $8)",
            self._uow.organization_id,
            key,
            kind,
            currency,
            entries(lines),
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
        reservation_id: UUID,
        description: str = "",
    ) -> UUID:
        """Hold for a reservation (money calls make their own); lowers what is available, shows on both sides."""
        return await self._value(
            "select ledger.hold($1, $2, $3, $4, $5::jsonb, $6, 'reservation', $7, $8)",
            self._uow.organization_id,
            key,
            kind,
            currency,
            entries(lines),
            effective_date,
            reservation_id,
            description,
        )

    async def post_hold(self, hold_id: UUID, key: str, effective_date: date, *, amount: int | None = None) -> UUID:
        """Confirm a hold, in full or in part (the rest is released)."""
        return await self._value(
            "select ledger.post_hold($1, $2, $3, $4, $5)",
            self._uow.organization_id,
            hold_id,
            key,
            effective_date,
            amount,
        )

    async def void_hold(self, hold_id: UUID, key: str, effective_date: date) -> UUID:
        """Release a hold."""
        return await self._value(
            "select ledger.void_hold($1, $2, $3, $4)", self._uow.organization_id, hold_id, key, effective_date
        )

    async def available(self, code: str, currency: str) -> int:
        """Posted minus held, in minor units; 0 for an account that was never used."""
        found = await self._value(
            "select coalesce(ledger.available($1, $2, $3), 0)", self._uow.organization_id, code, currency
        )
        return int(found)

    async def posted(self, code: str, currency: str, at: datetime | None = None) -> int:
        """The posted balance now, or as the books stood at a past instant."""
        if at is None:
            statement = "select coalesce((select posted from ledger.balance_now($1, $2, $3)), 0)"
            return int(await self._value(statement, self._uow.organization_id, code, currency))
        statement = "select coalesce((select posted from ledger.balance_as_of($1, $2, $3, $4)), 0)"
        return int(await self._value(statement, self._uow.organization_id, code, currency, at))

    async def _value(self, statement: str, *values: Any) -> Any:
        driver = await self._uow.driver()
        try:
            return await driver.fetchval(statement, *values)
        except asyncpg.PostgresError as error:
            raise ledger_error(error) from None


def entries(lines: Sequence[LedgerLine]) -> str:
    """Lines as the functions take them."""
    return json.dumps([{"debit": line.debit, "credit": line.credit, "amount": line.amount} for line in lines])
