"""The whole API for tests. One application serves a module, whose tests keep out of each other's way."""

from collections.abc import AsyncIterator

import pytest_asyncio

from cli.embedded.postgres import EmbeddedPostgres
from tests.api.application import Application, application_over


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def application(migrated: EmbeddedPostgres) -> AsyncIterator[Application]:
    """The API over a database of its own; Temporal is away, its web UI has an address."""
    async with application_over(migrated) as opened:
        yield opened
