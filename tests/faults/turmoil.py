"""Carries out the plan of a randomized world, and helps its flows to their ends."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx

from activities.payout_reconciliation import PayoutReconciliation, statements
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from domain.ids import new_id
from settings import Settings
from tests.faults.chance import Away, Clock, Commit, Event, Fault, Held, Plan, Retold, Scene, Stumble, draw
from tests.faults.drivers.wire import Wire as WireDriver
from tests.faults.play import FINAL, settle_down
from tests.faults.processes import WorkerProcess
from tests.faults.verdict import PartnersBook, Played
from tests.faults.webhooks import partners_tell
from tests.faults.wire import Wire, open_wire
from tests.faults.world import World, changed, open_world
from tests.proof import prove

REST_SECONDS = 120
"""A step on our own rows that a killed worker had taken is given to another after a minute (presets.DATABASE)."""
LOOK_SECONDS = 0.25
PREPARED_AT_ONCE = 4
BUSY = '"retry":"later"'
"""A row was locked for too long, by a worker that stands still or by too many: nothing was done, ask again."""
STILL_SECONDS = 9.0
"""Longer than a heartbeat may be late and balances are read twice."""
HELD_SECONDS = 3.0
AWAKE_SECONDS = 1.5
SENDS_AT_ONCE = 4
WORK_SECONDS = 10.0
"""Long enough for a new worker to begin."""
ROUNDS_OF_HELP = 4
STOPPED = frozenset({"funding_stopped", "payout_stopped", "giving_back_stopped", "action_required", "returned"})
NOT_SENT = 5
"""One of so many wires is not sent at its first try."""


MANY = 100_000
"""Requests: more than any one key may ask."""


async def in_turmoil(migrated: EmbeddedPostgres, temporal: EmbeddedTemporal, scene: Scene, seed: str) -> list[str]:
    """What went wrong in a world of its own."""
    plan = draw(scene, seed)
    async with AsyncExitStack() as stack:
        changes: dict[str, Any] = {"epx": {"inquiry_source": scene.source}, "api": {"rate_burst": MANY}}
        world = await stack.enter_async_context(open_world(migrated, temporal.address, worker=False, **changes))
        settings = world.system.settings
        wire, url = await stack.enter_async_context(open_wire(settings.database.url.get_secret_value()))
        await stack.enter_async_context(partners_tell(world, delay_ms=plan.webhook_delay_ms))
        turmoil = Turmoil(world, plan, wire, changed(settings, database={"url": url}))
        try:
            await turmoil.play()
        except Exception as error:
            error.add_note(f"seed {seed}\n{turmoil.played}")
            raise
        wrong = await turmoil.wrong()
        print(await turmoil.told())  # noqa: T201 - pytest shows it when the test fails, or with -s
        return wrong


class Turmoil:
    """One plan in one world, its worker being a process whose database lies behind a wire."""

    def __init__(self, world: World, plan: Plan, wire: Wire, settings: Settings) -> None:
        self._world = world
        self._system = world.system
        self._plan = plan
        self._wire = wire
        self._settings = settings
        self._hired = AsyncExitStack()
        self._one_hand_on_the_clock = asyncio.Lock()
        drivers = {kind: kind(world) for kind in plan.scene.drivers}
        self.played = [Played(run, drivers[run.driver]) for run in plan.runs]
        self._drivers = drivers.values()
        self._hits = 0
        self._book = PartnersBook(world, [run.amount for run in plan.runs])

    async def told(self) -> str:
        """What happened, in one line."""
        row = await self._world.owner.fetchrow(
            "select count(*) as calls, sum(send_count) as sends, count(*) filter (where send_count > 1) as again"
            " from money_call"
        )
        assert row is not None
        ends = Counter(f"{played.driver.name} {played.state}" for played in self.played)
        faults = sum(len(played.run.faults) for played in self.played) + len(self._plan.events)
        blows = Counter(blow.kind for blow in self._plan.blows)
        return (
            f"{len(self.played)} flows, {faults} troubles, {self._hits} requests hit, workers: {dict(blows)};"
            f" {row['calls']} money calls,"
            f" {row['sends']} sends, {row['again']} calls sent more than once; {dict(sorted(ends.items()))}"
        )

    async def wrong(self) -> list[str]:
        """Each run that did not come to an end, or to another one than the partner's book tells."""
        calls = await self._book.calls()
        found = [await self._book.against(played, calls) for played in self.played]
        return [problem for problem in (*found, await self._against_the_lists()) if problem]

    async def _against_the_lists(self) -> str:
        """What the daily look at Column's and PayPal's own lists finds: nothing that does not fit."""
        house = self._system.house
        report = await PayoutReconciliation(house.database, house.inbox, statements(house.rails), days=70).look()
        misfits = report.model_dump(exclude={"looked_at", "missed"})
        return f"the partners' lists: {misfits}" if any(misfits.values()) else ""

    async def play(self) -> None:
        """From the first preparation to the proof of the books. Raises AssertionError, or names what went wrong."""
        async with self._hired:
            self._worker = await self._hire()
            await self._prepare()
            async with asyncio.TaskGroup() as group:
                for played in self.played:
                    group.create_task(self._run(played))
                for event in self._plan.events:
                    group.create_task(self._happens(event))
                group.create_task(self._strike())
            await self._calm()
            await self._to_the_end()

    async def _hire(self) -> WorkerProcess:
        """A worker that is stopped at the end, whatever became of it."""
        worker = WorkerProcess(self._settings)
        self._hired.push_async_exit(worker)
        await worker.start()
        return worker

    # -- the turmoil -------------------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        for driver in self._drivers:
            await driver.prepare()
        limit = asyncio.Semaphore(PREPARED_AT_ONCE)

        async def ready(played: Played) -> None:
            async with limit:
                await played.driver.ready(played.run.amount)

        await asyncio.gather(*(ready(played) for played in self.played))

    async def _run(self, played: Played) -> None:
        await asyncio.sleep(played.run.starts_at)
        for fault in played.run.faults:
            await self._set(played, fault)
        played.path = await self._start(played)
        started = asyncio.get_running_loop().time()
        for ask in sorted(played.run.asks, key=lambda ask: ask.after):
            await asyncio.sleep(started + ask.after - asyncio.get_running_loop().time())
            await self._ask(played, ask.verb)

    async def _start(self, played: Played) -> str:
        while True:
            try:
                return await played.driver.start(played.run.amount)
            except AssertionError as refusal:
                if BUSY not in str(refusal):
                    raise
            await asyncio.sleep(LOOK_SECONDS)

    async def _set(self, played: Played, fault: Fault) -> None:
        await self._world.fault(
            fault.partner,
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
        assert answer.status_code < 500 or BUSY in answer.text, answer.text
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
                async with self._one_hand_on_the_clock:
                    await self._system.advance_clock(hours=hours)
            case Held(seconds=seconds, order=order):
                (await control.post("/column/webhooks/hold", json={"hold": True})).raise_for_status()
                await asyncio.sleep(seconds)
                await self._told("/column/webhooks/release", {"order": order})
            case Retold(which=which, copies=copies):
                told = (await control.get("/column/events")).json()["data"]
                if told:
                    path = f"/column/events/{told[int(which * len(told))]['id']}/deliver"
                    await self._told(path, {"copies": copies})
            case _:
                raise AssertionError(event)

    async def _told(self, path: str, how: dict[str, Any]) -> None:
        """Have Column tell events now. It tells one after the other, and goes on when nobody waits for that."""
        with suppress(httpx.ReadTimeout):
            (await self._system.control.post(path, json=how)).raise_for_status()

    async def _voids_started(self) -> bool:
        return all(played.path for played in self.played if played.driver.step == "void")

    async def _strike(self) -> None:
        for blow in self._plan.blows:
            await self._something_is_sent()
            await asyncio.sleep(blow.after)
            struck = self._worker
            if blow.kind == "kill":
                struck.kill()
                self._worker = await self._hire()
            else:
                await self._stand_still(struck)

    async def _something_is_sent(self) -> None:
        """A worker that is killed before it has done anything proves nothing. When all is done it is killed at rest."""
        count = "select coalesce(sum(fencing_token), 0) from money_call"
        before = await self._world.owner.fetchval(count)
        with suppress(AssertionError):
            await self._system.eventually(
                lambda: self._world.owner.fetchval(count), lambda now: now > before, seconds=WORK_SECONDS
            )

    async def _stand_still(self, struck: WorkerProcess) -> None:
        """With sends begun and not written, while another worker takes over; then it goes on for a moment."""
        trap = self._wire.trap("money_call_begin_send", "hold", SENDS_AT_ONCE)
        with suppress(TimeoutError):
            async with asyncio.timeout(HELD_SECONDS):
                while trap.struck < trap.times:  # noqa: ASYNC110 - a trap tells it no other way
                    await asyncio.sleep(LOOK_SECONDS)
        struck.pause()
        trap.times = trap.struck
        trap.released.set()
        self._worker = await self._hire()
        await asyncio.sleep(STILL_SECONDS)
        struck.wake()
        await asyncio.sleep(AWAKE_SECONDS)
        struck.kill()

    async def _calm(self) -> None:
        """Nothing goes wrong any more once every flow has met what was set for it: on a slow machine that is later."""
        await self._told("/column/webhooks/release", {})
        await self._rest()
        faults = (await self._system.control.get("/faults")).json()["data"]
        self._hits = sum(fault["hits"] for fault in faults)
        (await self._system.control.delete("/faults")).raise_for_status()

    # -- the help ----------------------------------------------------------------------------------------------------

    async def _to_the_end(self) -> None:
        await settle_down(self._world)
        await prove(self._system, at_rest=False)
        for _ in range(ROUNDS_OF_HELP):
            if not await self._help():
                break
            await self._rest()
        await self._system.advance_clock(days=5)
        await settle_down(self._world)
        await prove(self._system)

    async def _help(self) -> bool:
        """Close the batches that tell, have two persons find out in the partner's book, ask once for what stopped."""
        calls = await self._book.calls()
        doubtful = [call for call in calls if call["state"] not in FINAL]
        for call in doubtful:
            if call["rail"] == "by_hand":
                await self._by_hand(call)
            elif call["state"] == "needs_person":
                took_effect = await self._book.took_effect(call, calls)
                await self._world.resolve(call["id"], "applied" if took_effect else "refused")
        if any(call["state"] == "unknown" for call in doubtful):
            await self._system.advance_clock(days=1)
        stopped = [played for played in self.played if played.run.help and played.state in STOPPED - {played.helped}]
        for played in stopped:
            played.helped, played.rests = played.state, False
            await self._ask(played, str(played.run.help))
        return bool(doubtful or stopped)

    async def _by_hand(self, call: Any) -> None:
        """One person does what the task asks, or finds that it cannot be done; another confirms."""
        if call["state"] != "needs_person":
            return
        wire = next(driver for driver in self._drivers if isinstance(driver, WireDriver))
        if call["ordinal"] == 1 and call["amount"] % NOT_SENT == 0:
            await self._world.resolve(call["id"], "refused")
        else:
            await self._world.resolve(call["id"], "applied", await wire.send(call["amount"]))

    async def _rest(self) -> None:
        """Until every run stands where nobody but time, or a person, can move it."""
        with suppress(AssertionError):  # each run is judged by itself
            await self._system.eventually(self._all_rest, seconds=REST_SECONDS)

    async def _all_rest(self) -> bool:
        calls = await self._book.calls()
        for played in self.played:
            await played.look(calls)
        await asyncio.sleep(LOOK_SECONDS)
        return all(played.rests for played in self.played)
