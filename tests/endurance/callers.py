"""The load: callers that begin one flow after another, and operators that ask something of some of them."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from domain.ids import new_id
from tests.endurance import wires
from tests.endurance.begin import Begun, begin
from tests.endurance.chance import Deed, deeds
from tests.endurance.ends import RESTING
from tests.endurance.scenery import NotBegunError, Scenery

LOOKS = 12
LOOK_SECONDS = 0.5
"""A caller waits so long for its flow to rest before it begins the next: what is slow is not driven harder."""


@dataclass
class Callers:
    """All of them, and what they have begun."""

    scenery: Scenery
    begun: list[Begun] = field(default_factory=list)
    not_begun: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    async def call(self, seed: str, number: int, pause: float, seconds: float, flows: int) -> None:
        """One caller, until the time is up and all together have begun so many, however long a busy machine needs."""
        end = time.monotonic() + seconds
        for deed in deeds(seed, number, pause):
            if len(self.begun) >= flows and time.monotonic() > end:
                return
            await asyncio.sleep(deed.pause)
            try:
                await self._do(deed)
            except NotBegunError as reason:
                self.not_begun[str(reason)] += 1
            except (AssertionError, TimeoutError) as error:
                self.broken.append(f"{deed}: {error}")

    async def _do(self, deed: Deed) -> None:
        flow = await begin(self.scenery, deed)
        self.begun.append(flow)
        if deed.ask is not None:
            await asyncio.sleep(deed.ask_after)
            await self._ask(flow, deed.ask)
        await self._look(flow)
        if deed.kind == "voided_debit" and flow.state == "accepted":
            await self._void(flow)
        if deed.kind == "wire_reimbursement" and wires.waits(flow.seen):
            await wires.by_two_persons(self.scenery.system, flow.path, deed.amount)

    async def _ask(self, flow: Begun, verb: str) -> None:
        """May be refused."""
        answer = await self.scenery.system.other_operator.post(
            f"{flow.path}/{verb}", json={"reason": "chance"}, headers={"Idempotency-Key": new_id().hex}
        )
        flow.asked.append(f"{verb} {answer.status_code}")

    async def _void(self, flow: Begun) -> None:
        answer = await self.scenery.system.api.post(
            f"{flow.path}/void", json={}, headers={"Idempotency-Key": new_id().hex}
        )
        flow.asked.append(f"void {answer.status_code}")
        if answer.is_success:
            self.begun.append(Begun("void", str(answer.json()["links"]["self"])))

    async def _look(self, flow: Begun) -> None:
        for _ in range(LOOKS):
            flow.seen = await self.scenery.system.get(flow.path)
            if flow.state in RESTING[flow.kind] or (flow.kind == "wire_reimbursement" and wires.waits(flow.seen)):
                return
            await asyncio.sleep(LOOK_SECONDS)
