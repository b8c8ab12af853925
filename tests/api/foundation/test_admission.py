"""More requests than the process can serve are told to come back; the others are served as ever."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.admission import Admission, place_left

MOST = 2


@dataclass
class Slow:
    """An application whose requests last until they are let go; those to /waits leave their place meanwhile."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/v1/breaks":
            raise ValueError("broken")
        self.inside += 1
        if scope["path"] == "/v1/waits":
            with place_left(Request(scope)):
                await self.go.wait()
        elif scope["path"] == "/v1/slow":
            await self.go.wait()
        await PlainTextResponse("done")(scope, receive, send)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def client(slow: Slow) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Admission(slow, MOST))
    async with httpx.AsyncClient(transport=transport, base_url="http://bursar.test") as opened:
        yield opened


@asynccontextmanager
async def under_way(client: httpx.AsyncClient, slow: Slow, path: str, times: int) -> AsyncIterator[None]:
    """So many requests are inside; at the end all are answered 200."""
    asked = [asyncio.create_task(client.get(path)) for _ in range(times)]
    while slow.inside < times:  # noqa: ASYNC110 - it counts more than one
        await asyncio.sleep(0)
    yield
    slow.go.set()
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}


async def test_one_too_many_is_told_when_to_come_back(client: httpx.AsyncClient, slow: Slow) -> None:
    async with under_way(client, slow, "/v1/slow", MOST):
        refused = await client.get("/v1/quick")
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert refused.headers["Retry-After"] == "1"
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/v1/quick")).status_code == 200


async def test_who_waits_for_a_flow_takes_no_place(client: httpx.AsyncClient, slow: Slow) -> None:
    async with under_way(client, slow, "/v1/waits", 3 * MOST):
        assert (await client.get("/v1/quick")).status_code == 200


async def test_a_request_that_breaks_gives_its_place_back(client: httpx.AsyncClient) -> None:
    for _ in range(2 * MOST):
        with pytest.raises(ValueError, match="broken"):
            await client.get("/v1/breaks")
    assert (await client.get("/v1/quick")).status_code == 200


async def test_a_burst_is_served_or_refused_at_once(client: httpx.AsyncClient, slow: Slow) -> None:
    async with under_way(client, slow, "/v1/slow", MOST):
        answers = await asyncio.gather(*(client.get("/v1/quick") for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {503: 50}
