"""A town whose pay runs are measured: families with two children, each child with four providers."""

import asyncio
from collections.abc import Mapping
from functools import partial
from itertools import cycle, islice
from typing import Any

import httpx

from bench.contenders.whole_flow import at_once, uuid_of
from tests.flows.childcare.town import Person, Town
from tests.system import System

FUNDING = 10**11
BUDGET = 50_000
CHILDREN_PER_FAMILY, PROVIDERS_PER_CHILD = 2, 4
CHILDREN_PER_PROVIDER = 2
"""As many as a provider may have."""
AT_ONCE = 8
FUNDED_WITHIN_SECONDS = 900
WEEK = 7
BEGUN_SECONDS = 1
"""By then its workflow runs."""


class PayRunTown:
    """Each pair of provider and child is paid one care day per run; each run has a week of its own."""

    def __init__(self, system: System, chek: httpx.AsyncClient) -> None:
        self._system = system
        self._town = Town(system, chek)
        self._pairs: list[tuple[Mapping[str, Any], Person]] = []

    async def populate(self, pairs: int) -> None:
        """So many pairs, all allocations funded."""
        town = self._town
        await town.found(FUNDING)
        children = -(-pairs // PROVIDERS_PER_CHILD)
        families = await at_once([town.family] * -(-children // CHILDREN_PER_FAMILY), AT_ONCE)
        carers = max(-(-children * PROVIDERS_PER_CHILD // CHILDREN_PER_PROVIDER), PROVIDERS_PER_CHILD)
        providers = await at_once([partial(town.provider, "ach")] * carers, AT_ONCE)
        born = [
            partial(town.child, families[number // CHILDREN_PER_FAMILY], number % CHILDREN_PER_FAMILY)
            for number in range(children)
        ]
        ids: list[str] = await at_once(born, AT_ONCE)
        allocations = await at_once([partial(town.allocation, child, BUDGET, wait=0) for child in ids], AT_ONCE)
        turn = cycle(providers)
        for child, allocation in zip(ids, allocations, strict=True):
            self._pairs += [(allocation | {"child": child}, who) for who in islice(turn, PROVIDERS_PER_CHILD)]
        await at_once([partial(town.rate, who, of["child"]) for of, who in self._pairs], AT_ONCE)
        for allocation in allocations:
            path = f"/v1/allocations/{allocation['id']}"
            await self._system.until(
                path, lambda seen: bool(seen["funding_state"] == "funded"), seconds=FUNDED_WITHIN_SECONDS
            )

    async def attend(self, week: int, pairs: int) -> None:
        """A care day in this week (0 is the first) for the first so many pairs."""
        day = 1 + WEEK * week
        days = [partial(self._town.care_days, dict(of), who, day) for of, who in self._pairs[:pairs]]
        await at_once(days, AT_ONCE)

    async def pay(self, week: int, *, within_seconds: float) -> dict[str, Any]:
        """A run over this week, finished."""
        town = self._town
        body = {
            "program_id": town.program_id,
            "first_day": town.day(1 + WEEK * week).isoformat(),
            "last_day": town.day(WEEK * (week + 1)).isoformat(),
        }
        run = await self._system.post("/v1/pay-runs", body, wait=BEGUN_SECONDS)
        # its workflow tells when it ends: to ask how far it is means to have all its pairs counted, again and again
        handle = self._system.house.temporal.get_workflow_handle(f"pay-run/{uuid_of(run['id'])}")
        async with asyncio.timeout(within_seconds):
            await handle.result()
        seen: dict[str, Any] = await self._system.get(f"/v1/pay-runs/{run['id']}")
        return seen
