"""A running system for story tests: what a user, an operator and a partner would see of it."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from activities.house import House, open_house
from activities.loops import run as run_loop
from api.app import create_app
from api.context import ApiContext
from api.routes import ROUTERS
from domain.ids import new_id
from domain.tls import trusted
from sandbox.runner import SandboxRunner
from services.api_keys import create_key
from services.operators import add_operator
from settings import Settings
from worker import build_worker, loops


@dataclasses.dataclass
class System:
    """The parts, and short cuts to what tests do all the time."""

    settings: Settings
    sandbox: SandboxRunner
    house: House
    control: httpx.AsyncClient
    api: httpx.AsyncClient
    other_operator: httpx.AsyncClient
    organization_id: UUID

    async def post(self, path: str, body: Any, *, client: httpx.AsyncClient | None = None, wait: int = 0) -> Any:
        """A POST that must succeed, under a key of its own; sent again, as told, where there is no room for it."""
        headers = {"Idempotency-Key": new_id().hex} | ({"Prefer": f"wait={wait}"} if wait else {})
        return await _succeeds(lambda: (client or self.api).post(path, json=body, headers=headers))

    async def get(self, path: str) -> Any:
        """A GET that must succeed; asked again, as told, where there is no room for it."""
        return await _succeeds(lambda: self.api.get(path))

    async def until(self, path: str, wanted: Callable[[Any], bool], *, seconds: float = 60) -> Any:
        """GET until the answer is as wanted."""
        return await self.eventually(lambda: self.get(path), wanted, seconds=seconds)

    async def advance_clock(self, *, days: int = 0, hours: int = 0) -> None:
        """Move business time forward: partners settle, flows that wait for an instant go on."""
        await self.post("/v1/sandbox/clock/advance", {"days": days, "hours": hours})

    async def eventually(
        self, look: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool] = bool, *, seconds: float = 60
    ) -> Any:
        """Look until it is as wanted; the last look is in the failure."""
        give_up = time.monotonic() + seconds
        while True:
            seen = await look()
            if wanted(seen):
                return seen
            if time.monotonic() > give_up:
                raise AssertionError(f"still {seen!r} after {seconds} s")
            await asyncio.sleep(0.05)


async def _succeeds(ask: Callable[[], Awaitable[httpx.Response]]) -> Any:
    while True:
        answer = await ask()
        if answer.is_success or answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        if answer.json()["code"] != "overloaded":
            break
        await asyncio.sleep(float(answer.headers["Retry-After"]))
    assert answer.is_success, answer.text
    return answer.json()


def api_of(house: House, settings: Settings) -> FastAPI:
    """The API of a house, with these settings."""
    context = ApiContext(
        settings=settings,
        database=house.database,
        temporal=house.temporal,
        after_commit=house.outbox.deliver,
        flows=house.flows,
        settler=house.settler,
    )
    return create_app(context, ROUTERS)


@asynccontextmanager
async def open_system(settings: Settings, sandbox: SandboxRunner, *, worker: bool = True) -> AsyncIterator[System]:
    """Start it; stop it cleanly at the end. Without `worker` the flows are carried out by processes of their own."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(settings, for_worker=True))
        transport = httpx.ASGITransport(api_of(house, settings))
        organization_id, clients = None, []
        for name in ("Ada", "Grace"):
            email = f"{name.lower()}@example.test"
            added = await add_operator(
                house.database, organization="Test organization", name=name, email=email, actor="test"
            )
            organization_id = added.organization_id
            key = await create_key(
                house.database,
                organization_id,
                operator_email=email,
                name="test",
                scopes=["*"],
                live=False,
                expires_in=None,
                actor="test",
            )
            client = httpx.AsyncClient(
                transport=transport,
                base_url="http://bursar.test",
                headers={"Authorization": f"Bearer {key.secret}"},
                timeout=30,
            )
            clients.append(await stack.enter_async_context(client))
        assert organization_id is not None
        control = await stack.enter_async_context(
            # a connection for each request: one that is kept may be closed by the server just when it is used again
            httpx.AsyncClient(
                base_url=sandbox.addresses["control"],
                timeout=30,
                verify=trusted(),
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        )
        opened = System(settings, sandbox, house, control, clients[0], clients[1], organization_id)
        if not worker:
            yield opened
            return
        stop = asyncio.Event()
        tasks = [asyncio.create_task(run_loop(loop, stop), name=loop.name) for loop in await loops(house, stack)]
        async with build_worker(house):
            yield opened
            stop.set()
            await asyncio.gather(*tasks)
