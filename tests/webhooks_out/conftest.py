"""An organization with events to tell, and receivers to be told."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from tests.api.application import Application, application_over
from tests.webhooks_out.receiver import Receiver, receiver


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def application(migrated: EmbeddedPostgres) -> AsyncIterator[Application]:
    """The API over a database of its own."""
    async with application_over(migrated) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def hook() -> AsyncIterator[Receiver]:
    """A receiver that takes everything."""
    async with receiver() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def other_hook() -> AsyncIterator[Receiver]:
    """Another one."""
    async with receiver() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def _no_endpoints_are_left(application: Application, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    yield
    for member in (application.ada, application.grace):
        for endpoint in (await member.client.get("/v1/webhook-endpoints")).json()["data"]:
            await member.client.delete(f"/v1/webhook-endpoints/{endpoint['id']}")
