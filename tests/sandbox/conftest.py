"""A sandbox on a fixed business day, and clients that speak each partner's language by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from sandbox.runner import SandboxRunner
from tests.sandbox.speakers import Control, EpxSpeaker, chek_client, column_client, http_client

MONDAY_10_NEW_YORK = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxRunner]:
    """Monday 2026-11-23, 10:00 in New York, three days before Thanksgiving; fresh books in memory."""
    async with SandboxRunner(start=MONDAY_10_NEW_YORK) as runner:
        yield runner


@pytest.fixture
async def control(sandbox: SandboxRunner) -> AsyncIterator[Control]:
    async with http_client(sandbox.addresses["control"]) as client:
        yield Control(client)


@pytest.fixture
async def epx(sandbox: SandboxRunner) -> AsyncIterator[EpxSpeaker]:
    async with http_client(sandbox.addresses["epx"]) as client:
        yield EpxSpeaker(client)


@pytest.fixture
async def chek(sandbox: SandboxRunner) -> AsyncIterator[httpx.AsyncClient]:
    async with chek_client(sandbox.addresses["chek"]) as client:
        yield client


@pytest.fixture
async def column(sandbox: SandboxRunner) -> AsyncIterator[httpx.AsyncClient]:
    async with column_client(sandbox.addresses["column"]) as client:
        yield client
