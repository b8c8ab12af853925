"""One endurance run from the first server to the verdict."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from activities.house import House, open_house
from domain.ids import public_id
from domain.tls import trusted
from services.api_keys import create_key
from services.operators import add_operator
from tests.endurance import issue, onboardings, verdict, wires
from tests.endurance.begin import Begun
from tests.endurance.callers import Callers
from tests.endurance.chance import events, inquiry_source
from tests.endurance.ends import RESTING
from tests.endurance.memory import Memory
from tests.endurance.patient import Diary, Patient
from tests.endurance.report import Outcome, latency
from tests.endurance.scenery import Scenery, chek_client
from tests.endurance.servers import Servers
from tests.endurance.trouble import Trouble
from tests.faults.play import FINAL, settle_down
from tests.faults.world import World
from tests.flows.childcare.town import Town
from tests.opening import AHEAD
from tests.proof import journal, prove
from tests.system import System

Say = Callable[[str], None]
REST_SECONDS = 150.0
LOOK_SECONDS = 0.3
ROUNDS_OF_HELP = 5
MOST_WEEKS = 6
"""The last charge of an authorization comes after one, a debit that is sent again comes back twice after each."""
READS_AT_ONCE = 6
MANY_CONNECTIONS = httpx.Limits(max_connections=None, max_keepalive_connections=50)


@dataclass(frozen=True)
class Extent:
    """How much of everything."""

    seconds: float
    callers: int
    pause: float
    """Mean pause of a caller between two flows, seconds."""
    calm: float
    """Mean pause between two kills, seconds."""
    workers: int
    families: int
    flows: int = 0
    """The load goes on until so many are begun, however long it takes."""


async def run(folder: Path, seed: str, extent: Extent, say: Say) -> Outcome:
    """Play it. Problems are in the outcome and raise nothing."""
    async with AsyncExitStack() as stack:
        began = time.monotonic()
        source = inquiry_source(seed)
        say(f"EPX's lost answers are found out in: {source}")
        servers = await stack.enter_async_context(
            Servers(folder, workers=extent.workers, epx={"inquiry_source": source})
        )
        diary = Diary()
        world = await stack.enter_async_context(open_world(servers, diary))
        chek = await stack.enter_async_context(chek_client(world.system))
        scenery = Scenery(world.system, Town(world.system, chek))
        await scenery.prepare(families=extent.families)
        say(f"ready after {time.monotonic() - began:.1f} s")
        played = _Played(servers, world, Callers(scenery), Trouble(world, servers), diary, say)
        return await played.to_the_end(seed, extent)


class _Played:
    """The parts of a run that has begun."""

    def __init__(
        self, servers: Servers, world: World, callers: Callers, trouble: Trouble, diary: Diary, say: Say
    ) -> None:
        self._servers = servers
        self._world = world
        self._callers = callers
        self._trouble = trouble
        self._diary = diary
        self._say = say
        watched = [name for name in servers.killable if name.startswith(("worker", "api"))]
        self._memory = Memory(servers, world.system.house.temporal, watched)
        self._others: list[Begun] = []
        self._resolved: Counter[str] = Counter()
        self._began = time.monotonic()

    async def to_the_end(self, seed: str, extent: Extent) -> Outcome:
        watching = [
            asyncio.create_task(watch)
            for watch in (self._servers.watch(), self._memory.watch(max(0.5, extent.seconds / 400)), self._tell())
        ]
        problems: list[str] = []
        try:
            await self._load(seed, extent)
            loaded = time.monotonic() - self._began
            for check in (self._come_to_rest, partial(self._examine, Random(f"{seed}/sample"))):
                problems += await check()
        finally:
            for task in watching:
                task.cancel()
            told = await asyncio.gather(*watching, return_exceptions=True)
        problems += [repr(error) for error in told if isinstance(error, Exception)]
        runs, workflows, failing = await verdict.runs_are_sound(self._world.system.house.temporal)
        kinds, unclean = verdict.logs_are_clean(self._servers)
        problems += failing + unclean + self._callers.broken + self._diary.faults
        grown = self._memory.growth()
        problems += [f"{one.part} grows by {one.slope_mb_per_hour} MB/h" for one in grown if one.is_flat is False]
        problems += [f"ended by itself: {what}" for what in self._servers.fell]
        return Outcome(
            seed=seed,
            seconds=round(loaded, 1),
            flows=_ends(self._callers.begun),
            others=_ends(self._others),
            not_begun=dict(self._callers.not_begun),
            acknowledged=len(self._diary.acknowledged),
            repeated=dict(self._diary.repeated),
            request_seconds=latency(self._diary.seconds),
            kills=dict(self._servers.kills),
            trouble=dict(sorted(self._trouble.happened.items())),
            failed_steps=dict(kinds),
            resolved_by_persons=dict(self._resolved),
            runs=dict(runs),
            workflows=dict(sorted(workflows.items())),
            cases=await verdict.open_cases(self._world),
            memory=grown,
            rest_seconds=round(time.monotonic() - self._began - loaded, 1),
            problems=problems,
        )

    async def _load(self, seed: str, extent: Extent) -> None:
        self._began = time.monotonic()
        plan = events(seed, extent.seconds, self._servers.killable, calm=extent.calm)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._trouble.make(plan))
            callers = [
                group.create_task(self._callers.call(seed, number, extent.pause, extent.seconds, extent.flows))
                for number in range(extent.callers)
            ]
            await asyncio.wait(callers)
            self._trouble.over.set()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(15)
            kills = sum(self._servers.kills.values())
            self._say(
                f"{time.monotonic() - self._began:6.0f} s: {len(self._callers.begun)} flows begun,"
                f" {len(self._diary.acknowledged)} requests acknowledged,"
                f" {sum(self._diary.repeated.values())} sent again, {kills} kills"
            )

    # -- the end -----------------------------------------------------------------------------------------------------

    async def _come_to_rest(self) -> list[str]:
        """Until nothing moves; persons find out what only they can, and some days go by."""
        await self._trouble.calm()
        await self._rest()
        waiting, wrong = await verdict.waiting_have_cases(self._world)
        self._say(f"at rest; {waiting} calls wait for a person")
        await settle_down(self._world, seconds=REST_SECONDS)
        await prove(self._world.system, at_rest=False)
        for _ in range(ROUNDS_OF_HELP):
            if not await self._help():
                break
            await self._rest()
        for _ in range(MOST_WEEKS):
            before = len(self._others)
            await self._world.system.advance_clock(days=5)
            await settle_down(self._world, seconds=REST_SECONDS)
            await self._rest()
            if len(self._others) == before:
                return wrong
        return [*wrong, f"after {MOST_WEEKS} weeks something still begins by itself: {self._others[-1]}"]

    async def _examine(self, chance: Random) -> list[str]:
        wrong: list[str] = []
        try:
            await prove(self._world.system)
        except AssertionError as differs:
            wrong.append(f"the books: {differs}")
        wrong += await verdict.each_once(self._world)
        wrong += await wires.agree(self._world)
        wrong += await verdict.mails_are_sent(self._world)
        wrong += await verdict.trail_is_whole(self._world)
        flows = [*self._callers.begun, *self._others]
        wrong += await onboardings.each_once(self._world, (flow.seen.get("chek_user_id") for flow in flows))
        wrong += await verdict.ended(self._world, flows)
        wrong += await verdict.kept(self._world, self._diary.acknowledged, chance)
        return wrong

    async def _rest(self) -> None:
        """Until each call is final or waits for a person or a batch, and each flow has drawn its conclusion."""
        with suppress(AssertionError):  # each flow is judged by itself
            await self._world.system.eventually(self._calls_rest, seconds=REST_SECONDS)
        unrested = [*self._callers.begun, *self._others]
        give_up = time.monotonic() + REST_SECONDS
        while unrested := await self._moving([*unrested, *await self._newly_known()]):
            if time.monotonic() > give_up:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _calls_rest(self) -> bool:
        moving = await self._world.owner.fetchval(
            "select count(*) from money_call where state in ('recorded', 'sending') or (state = 'unknown'"
            " and (rail <> 'epx' or send_deadline + interval '6 seconds' > clock_timestamp()))"
        )
        await asyncio.sleep(LOOK_SECONDS)
        return bool(moving == 0)

    async def _newly_known(self) -> list[Begun]:
        """What began by itself since the last look, to be judged like what callers began."""
        known = [flow.id for flow in (*self._callers.begun, *self._others)]
        found = await issue.of_others(self._world, known)
        self._others += found
        return found

    async def _moving(self, flows: Iterable[Begun]) -> list[Begun]:
        open_calls = await self._world.owner.fetch(
            "select flow_id from money_call where state in ('unknown', 'needs_person')"
        )
        waits = {row["flow_id"] for row in open_calls}
        limit = asyncio.Semaphore(READS_AT_ONCE)

        async def moves(flow: Begun) -> bool:
            async with limit:
                flow.seen = await self._world.system.get(flow.path)
            return flow.state not in RESTING[flow.kind] and flow.id not in waits

        listed = list(flows)
        found = await asyncio.gather(*(moves(flow) for flow in listed))
        return [flow for flow, moving in zip(listed, found, strict=True) if moving]

    async def _help(self) -> bool:
        """Two persons look into the partner's book for what nothing else tells; a day closes the batches that tell."""
        doubtful = await self._world.owner.fetch(
            "select m.id, m.rail, m.step, m.state, m.amount, m.flow_id, array_agg(s.rail_reference) as references_sent"
            " from money_call m"
            " left join money_call_send s on s.money_call_id = m.id where not m.state = any($1) group by m.id",
            list(FINAL),
        )
        if not doubtful:
            return False
        took = {(e["partner"], e["reference"]) for e in await journal(self._world.system) if e["took_effect"]}
        for call in doubtful:
            if call["state"] == "needs_person" and call["rail"] == "by_hand":
                path = f"/v1/reports/{public_id('rmr', call['flow_id'])}"
                await wires.by_two_persons(self._world.system, path, call["amount"])
                self._resolved["wire"] += 1
            elif call["state"] == "needs_person":
                outcome = "refused"
                if any((call["rail"], reference) in took for reference in call["references_sent"]):
                    outcome = "applied"
                await self._world.resolve(call["id"], outcome)
                self._resolved[f"{call['rail']} {call['step'].split('/')[0]} {outcome}"] += 1
        if any(call["state"] == "unknown" for call in doubtful):
            await self._world.system.advance_clock(days=1)
        return True


def _ends(flows: Iterable[Begun]) -> dict[str, int]:
    """How many of each kind ended how."""
    return dict(sorted(Counter(f"{flow.kind} {flow.state}" for flow in flows).items()))


@asynccontextmanager
async def open_world(servers: Servers, diary: Diary, *, patient: bool = True) -> AsyncIterator[World]:
    """A system as its callers see it, over HTTP. `patient` ones send again what was not answered for good."""
    settings = servers.settings
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(settings))
        no_reuse = httpx.Limits(max_keepalive_connections=0)
        control = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=servers.partners.addresses["control"], timeout=60, verify=trusted(), limits=no_reuse
            )
        )
        (await control.post("/clock/advance", json={"by": AHEAD.total_seconds()})).raise_for_status()
        clients, organization = [], None
        for name in ("Ada", "Grace"):
            organization, headers = await _operator(house, name)
            http = httpx.AsyncHTTPTransport(limits=MANY_CONNECTIONS)
            clients.append(
                await stack.enter_async_context(
                    httpx.AsyncClient(
                        base_url=settings.api.public_url,
                        headers=headers,
                        timeout=60,
                        transport=Patient(http, diary) if patient else http,
                    )
                )
            )
        assert organization is not None
        system = System(settings, servers.partners, house, control, clients[0], clients[1], organization)
        url = settings.database.owner_url.get_secret_value().replace("+asyncpg", "")
        owner: asyncpg.Pool[Any] = await stack.enter_async_context(asyncpg.create_pool(url, min_size=0, max_size=4))
        yield World(system, owner, stack)


async def _operator(house: House, name: str) -> tuple[UUID, dict[str, str]]:
    email = f"{name.lower()}@example.test"
    added = await add_operator(house.database, organization="Test organization", name=name, email=email, actor="test")
    key = await create_key(
        house.database,
        added.organization_id,
        operator_email=email,
        name="test",
        scopes=["*"],
        live=False,
        expires_in=None,
        actor="test",
    )
    return added.organization_id, {"Authorization": f"Bearer {key.secret}"}
