"""Carries out the plan of a randomized world, helps its flows to their ends, and compares them with partners' books."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from domain.ids import new_id
from settings import Settings
from tests.faults.chance import Away, Clock, Commit, Event, Fault, Held, Plan, Retold, Run, Stumble
from tests.faults.drivers.base import Driver
from tests.faults.play import AT_ONCE, FINAL, settle_down
from tests.faults.processes import WorkerProcess
from tests.faults.wire import Wire
from tests.faults.world import World
from tests.proof import prove

REST_SECONDS = 120
"""A step on our own rows that a killed worker had taken is given to another after a minute (presets.DATABASE)."""
LOOK_SECONDS = 0.25
ROUNDS_OF_HELP = 4
STOPPED = frozenset({"funding_stopped", "payout_stopped", "giving_back_stopped", "action_required"})
OVER = {
    "epx": frozenset[str](),
    "chek": frozenset({"cancelled", "given_back", "giving_back_stopped"}),
    "column": frozenset({"cancelled", "reversed"}),
}
"""States at rest besides those that the drivers name: what operators asked for."""
OPERATION_OF_STEP = {
    "fund": "users.transfer_balance",
    "give_back": "users.transfer_balance",
    "pay_out": "directpay.send_payment",
    "payout": "ach_transfers.create",
}


@dataclass
class Played:
    """A run as it went."""

    run: Run
    driver: Driver = field(repr=False)
    path: str = ""
    state: str = ""
    rests: bool = False
    asked: list[str] = field(default_factory=list)


class Turmoil:
    """One plan in one world, its worker being a process whose database lies behind a wire."""

    def __init__(self, world: World, plan: Plan, wire: Wire, settings: Settings) -> None:
        self._world = world
        self._system = world.system
        self._plan = plan
        self._wire = wire
        self._settings = settings
        self._worker = WorkerProcess(settings)
        drivers = {kind: kind(world) for kind in plan.scene.drivers}
        self.played = [Played(run, drivers[run.driver]) for run in plan.runs]
        self._drivers = drivers.values()

    async def play(self) -> None:
        """From the first preparation to the proof of the books. Raises AssertionError, or names what went wrong."""
        await self._worker.start()
        try:
            await self._prepare()
            async with asyncio.TaskGroup() as group:
                for played in self.played:
                    group.create_task(self._run(played))
                for event in self._plan.events:
                    group.create_task(self._happens(event))
                group.create_task(self._kill())
            await self._calm()
            await self._to_the_end()
        except BaseException as error:
            await self._worker.__aexit__(type(error), error, error.__traceback__)
            raise
        await self._worker.__aexit__(None, None, None)

    # -- the turmoil -------------------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        for driver in self._drivers:
            await driver.prepare()
        limit = asyncio.Semaphore(AT_ONCE)

        async def ready(played: Played) -> None:
            async with limit:
                await played.driver.ready(played.run.amount)

        await asyncio.gather(*(ready(played) for played in self.played))

    async def _run(self, played: Played) -> None:
        await asyncio.sleep(played.run.starts_at)
        for fault in played.run.faults:
            await self._set(played, fault)
        played.path = await played.driver.start(played.run.amount)
        started = asyncio.get_running_loop().time()
        for ask in sorted(played.run.asks, key=lambda ask: ask.after):
            await asyncio.sleep(started + ask.after - asyncio.get_running_loop().time())
            await self._ask(played, ask.verb)

    async def _set(self, played: Played, fault: Fault) -> None:
        await self._world.fault(
            played.driver.partner,
            fault.operation,
            fault.kind,
            count=fault.count,
            skip=fault.skip,
            delay_ms=fault.delay_ms,
            match={"amount": played.run.amount},
        )

    async def _ask(self, played: Played, verb: str) -> None:
        """May be refused, but not with an error of ours."""
        answer = await self._system.other_operator.post(
            f"{played.path}/{verb}", json={"reason": "chance"}, headers={"Idempotency-Key": new_id().hex}
        )
        assert answer.status_code < 500, answer.text
        played.asked.append(f"{verb} {answer.status_code}")

    async def _happens(self, event: Event) -> None:
        await asyncio.sleep(event.at)
        control = self._system.control
        match event:
            case Away(partner=partner, seconds=seconds):
                fault = await self._world.fault(partner, "*", "refuse_connection", count=None)
                await asyncio.sleep(seconds)
                (await control.delete(f"/faults/{fault}")).raise_for_status()
            case Stumble(partner=partner, kind=kind, count=count):
                delay_ms = 500 if "delay" in kind else 0
                await self._world.fault(partner, "*", kind, count=count, delay_ms=delay_ms)
            case Commit(function=function, action=action, times=times, seconds=seconds):
                trap = self._wire.trap(function, action, times)
                await asyncio.sleep(seconds)
                trap.times = trap.struck
                trap.released.set()
            case Clock(hours=hours):
                await self._system.eventually(self._voids_started)
                await self._system.advance_clock(hours=hours)
            case Held(seconds=seconds, order=order):
                (await control.post("/column/webhooks/hold", json={"hold": True})).raise_for_status()
                await asyncio.sleep(seconds)
                (await control.post("/column/webhooks/release", json={"order": order})).raise_for_status()
            case Retold(which=which, copies=copies):
                told = (await control.get("/column/events")).json()["data"]
                if told:
                    path = f"/column/events/{told[int(which * len(told))]['id']}/deliver"
                    (await control.post(path, json={"copies": copies})).raise_for_status()
            case _:
                raise AssertionError(event)

    async def _voids_started(self) -> bool:
        return all(played.path for played in self.played if played.driver.step == "void")

    async def _kill(self) -> None:
        for seconds in self._plan.kills:
            await asyncio.sleep(seconds)
            self._worker.kill()
            await self._worker.__aexit__(None, None, None)
            self._worker = WorkerProcess(self._settings)
            await self._worker.start()

    async def _calm(self) -> None:
        """Nothing goes wrong any more."""
        (await self._system.control.delete("/faults")).raise_for_status()
        (await self._system.control.post("/column/webhooks/release", json={})).raise_for_status()

    # -- the help ----------------------------------------------------------------------------------------------------

    async def _to_the_end(self) -> None:
        await self._rest()
        await settle_down(self._world)
        await prove(self._system, at_rest=False)
        helped = False
        for _ in range(ROUNDS_OF_HELP):
            if not await self._help(ask=not helped):
                break
            helped = True
            await self._rest()
        await self._system.advance_clock(days=5)
        await settle_down(self._world)
        await prove(self._system)

    async def _help(self, *, ask: bool) -> bool:
        """Close the batches that tell, have two persons find out in the partner's book, ask once more for the rest."""
        calls = await self._calls()
        doubtful = [call for call in calls if call["state"] not in FINAL]
        for call in doubtful:
            if call["state"] == "needs_person":
                await self._world.resolve(call["id"], "applied" if await self._took_effect(call, calls) else "refused")
        if any(call["state"] == "unknown" for call in doubtful):
            await self._system.advance_clock(days=1)
        stopped = [played for played in self.played if ask and played.run.help and played.state in STOPPED]
        for played in stopped:
            await self._ask(played, str(played.run.help))
        return bool(doubtful or stopped)

    async def _took_effect(self, call: Any, calls: Sequence[Any]) -> bool:
        """What the partner has of this amount beyond the calls that we know it took."""
        known = sum(
            other["state"] == "applied" and other["amount"] == call["amount"] and _operation(other) == _operation(call)
            for other in calls
        )
        effects = await self.effects(call["rail"], call["amount"])
        return effects[_operation(call)] > known

    async def _rest(self) -> None:
        """Until every run stands where nobody but time, or a person, can move it."""
        with suppress(AssertionError):  # each run is judged by itself
            await self._system.eventually(self._all_rest, seconds=REST_SECONDS)

    async def _all_rest(self) -> bool:
        calls = await self._calls()
        for played in self.played:
            own = [call for call in calls if call["amount"] == played.run.amount]
            played.state = await _state(played)
            open_states = {call["state"] for call in own} - set(FINAL)
            if not open_states:
                ends = played.driver.done | played.driver.undone | OVER[played.driver.partner]
                played.rests = played.state in ends
            else:
                waits = all(call["waits"] for call in own if call["state"] not in FINAL)
                in_doubt = {"needs_person", "unknown"} if played.driver.finding == "report" else {"needs_person"}
                played.rests = waits and open_states <= in_doubt
        await asyncio.sleep(LOOK_SECONDS)
        return all(played.rests for played in self.played)

    # -- what was seen -----------------------------------------------------------------------------------------------

    async def wrong(self) -> list[str]:
        """Each run that did not come to an end, or to another one than the partner's book tells."""
        calls = await self._calls()
        found = []
        for played in self.played:
            own = [call for call in calls if call["amount"] == played.run.amount]
            effects = await self.effects(played.driver.partner, played.run.amount)
            applied = Counter(_operation(call) for call in own if call["state"] == "applied")
            reasons = []
            if not played.rests or any(call["state"] not in FINAL for call in own):
                reasons.append("it did not come to an end")
            if effects != applied:
                reasons.append("the partner did what we do not say, or the other way round")
            if not _agrees(played, effects):
                reasons.append("its state is not what the partner did")
            if reasons:
                steps = [(call["step"], call["ordinal"], call["state"], call["code"]) for call in own]
                found.append(f"{reasons}: {played.driver.name} is {played.state!r} with {steps}, {effects}; {played}")
        return found

    async def effects(self, partner: str, amount: int) -> Counter[str]:
        """How often the partner did each of its operations with this amount."""
        query: dict[str, str | int] = {"partner": partner, "limit": 10_000}
        listed = (await self._system.control.get("/journal", params=query)).json()["data"]
        return Counter(e["operation"] for e in listed if e["amount"] == amount and e["took_effect"])

    async def _calls(self) -> Sequence[Any]:
        return await self._world.owner.fetch(
            "select id, rail, operation, step, ordinal, state, code, amount,"
            # long enough after the last send that what can be found out by itself has been
            " send_deadline + interval '2.5 seconds' < clock_timestamp() as waits"
            " from money_call where amount = any($1) order by recorded_at",
            [played.run.amount for played in self.played],
        )


def _operation(call: Any) -> str:
    """The sandbox's name of what a money call asks for."""
    if call["rail"] == "epx":
        return str(call["operation"])
    return OPERATION_OF_STEP.get(call["step"], "book_transfers.create")


async def _state(played: Played) -> str:
    state = await played.driver.state(played.path)
    if state == "none":  # a report that was cancelled before it had a payout says so itself
        state = str((await played.driver.world.system.get(played.path))["state"])
    return state


def _agrees(played: Played, effects: Counter[str]) -> bool:
    """Whether the flow's end is what the partner did, as the flow's own document tells its story."""
    state, driver = played.state, played.driver
    if driver.partner == "epx":
        return effects[driver.operation] == (1 if state in driver.done else 0)
    if driver.partner == "column":
        book, paid = effects["book_transfers.create"], effects["ach_transfers.create"]
        if state in driver.done:
            return (book, paid) == (2, 1)
        return paid == 0 and (state == "action_required" or book % 2 == 0)
    moved, paid = effects["users.transfer_balance"], effects["directpay.send_payment"]
    wanted = {"paid": (1, 1), "payout_stopped": (1, 0), "giving_back_stopped": (1, 0), "given_back": (2, 0)}
    return (moved, paid) == wanted.get(state, (0, 0))
