"""Debits of a stored account, from the request to the bank's settlement."""

from typing import Any
from uuid import UUID

from bench.contenders.whole_flow import at_once, rows_stand, runs_end, uuid_of
from tests.flows.ach import merchant, stored_account
from tests.system import System

SETTLES_WITHIN_DAYS = 3
ACCEPTED = "select count(*) from ach_transaction where id = any(:ids) and ach_state = 'accepted'"


class AchDebits:
    """One merchant, one customer."""

    name = "ACH debit"
    workflow = "ach-debit"

    def __init__(self, system: System) -> None:
        self._system = system
        self._account = ""
        self._count = 0

    async def prepare(self, count: int) -> None:
        """An account that the gateway took."""
        self._count = count
        if not self._account:
            merchant_id = await merchant(self._system, per_transaction_limit=10**9, per_day_limit=10**12)
            self._account = (await stored_account(self._system, merchant_id))["id"]

    async def ask(self) -> Any:
        """One debit, accepted by the API."""
        body = {"account_id": self._account, "amount": 15_000, "currency": "USD"}
        return await self._system.post("/v1/ach-debits", body)

    async def play(self) -> list[UUID]:
        """Taken in by the gateway; then banking days pass and the settlement is reported."""
        ids = [uuid_of(debit["id"]) for debit in await at_once([self.ask] * self._count)]
        await rows_stand(self._system, ACCEPTED, ids)
        await self._system.advance_clock(days=SETTLES_WITHIN_DAYS)
        await runs_end(self._system, self.workflow, ids)
        return ids
