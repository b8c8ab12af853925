"""Payments of providers: family's wallet to provider's wallet, then to the bank account."""

from functools import partial
from uuid import UUID

import httpx

from bench.contenders.whole_flow import at_once, runs_end, uuid_of
from tests.flows.childcare.town import Town
from tests.system import System

FUNDING = 10**10
AMOUNT = 100
BUDGET = 100_000


class ProviderPayments:
    """As many families and providers as there are payments at once: a wallet makes one payment at a time."""

    name = "provider payment"
    workflow = "provider-payment"

    def __init__(self, system: System, chek: httpx.AsyncClient) -> None:
        self._system = system
        self._town = Town(system, chek)
        self._pairs: list[tuple[dict[str, object], object]] = []
        self._due: list[str] = []

    async def prepare(self, count: int) -> None:
        """A lump sum for each pair."""
        if not self._town.program_id:
            await self._town.found(FUNDING)
        self._pairs += await at_once([self._pair] * (count - len(self._pairs)), 8)
        sums = [partial(self._town.lump_sum, *pair, AMOUNT) for pair in self._pairs[:count]]  # type: ignore[arg-type]
        self._due = await at_once(sums)

    async def play(self) -> list[UUID]:
        """Paid out."""
        payments = await at_once([partial(self._town.pay_lump, due, wait=0) for due in self._due])
        ids = [uuid_of(payment["id"]) for payment in payments]
        await runs_end(self._system, self.workflow, ids)
        return ids

    async def _pair(self) -> tuple[dict[str, object], object]:
        family = await self._town.family()
        provider = await self._town.provider("ach")
        allocation = await self._town.allocation(await self._town.child(family), BUDGET, wait=30)
        return allocation, provider
