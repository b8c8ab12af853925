"""Carries out the trouble that was drawn: kills, faults of partners, webhooks out of order, and business time."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from contracts.childcare_calendar import Zone
from tests.endurance.chance import Away, Blow, Clock, Event, Fault, Held, Retold
from tests.endurance.servers import Servers
from tests.faults.world import World

DENVER = Zone(time_zone="America/Denver")
CALENDAR: Mapping[str, Sequence[Any]] = {
    "childcare-books": [],
    "childcare-month": [DENVER],
    "childcare-reminders": [DENVER],
    "payout-reconciliation": [],
}


@dataclass
class Trouble:
    """What happened of it."""

    world: World
    servers: Servers
    happened: Counter[str] = field(default_factory=Counter)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing new happens from then on."""
    _clock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def make(self, events: Sequence[Event]) -> None:
        """All of it, each at its time, until it is over."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for event in events:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.over.wait(), max(0, began + event.at - time.monotonic()))
                if self.over.is_set():
                    return
                group.create_task(self._happens(event))

    async def calm(self) -> None:
        """Nothing goes wrong any more."""
        control = self.world.system.control
        (await control.delete("/faults")).raise_for_status()
        (await control.post("/column/webhooks/release", json={})).raise_for_status()
        (await control.put("/paypal/webhook", json={"hold": False})).raise_for_status()

    async def _happens(self, event: Event) -> None:
        control = self.world.system.control
        name = type(event).__name__.lower()
        match event:
            case Blow(part=part, down=down):
                name = f"kill {part}" if await self.servers.kill(part, down) else "kill of what was away"
            case Fault(partner=partner, operation=operation, kind=kind, count=count, delay_ms=delay_ms):
                await self.world.fault(partner, operation, kind, count=count, delay_ms=delay_ms)
                name = f"{partner} {kind}"
            case Away(partner=partner, seconds=seconds):
                fault = await self.world.fault(partner, "*", "refuse_connection", count=None)
                await asyncio.sleep(seconds)
                (await control.delete(f"/faults/{fault}")).raise_for_status()
                name = f"{partner} away"
            case Held(seconds=seconds, order=order):
                (await control.post("/column/webhooks/hold", json={"hold": True})).raise_for_status()
                await asyncio.sleep(seconds)
                (await control.post("/column/webhooks/release", json={"order": order})).raise_for_status()
            case Retold(back=back, copies=copies):
                told = (await control.get("/column/events", params={"limit": 10_000})).json()["data"]
                if told:
                    event_id = told[-1 - back % len(told)]["id"]
                    path = f"/column/events/{event_id}/deliver"
                    (await control.post(path, json={"copies": copies})).raise_for_status()
            case Clock(hours=hours):
                async with self._clock:
                    await self.world.system.advance_clock(hours=hours)
                    await self._calendar()
            case _:
                raise AssertionError(event)
        self.happened[name] += 1

    async def _calendar(self) -> None:
        """What schedules begin by the clocks on the wall, which do not move with business time; one of each at once."""
        if self.servers.pid("temporal") is None:
            return
        queue = self.world.system.settings.temporal.task_queue
        for workflow, arguments in CALENDAR.items():
            with suppress(RPCError, WorkflowAlreadyStartedError):
                await self.world.system.house.temporal.start_workflow(
                    workflow, args=arguments, id=f"calendar/{workflow}", task_queue=queue
                )
