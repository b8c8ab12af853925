"""The system with Column's webhooks coming in over HTTP, and a bank account with money in it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn

from api.app import create_app
from api.context import ApiContext
from api.routes import ROUTERS
from sandbox.runner import SandboxRunner
from settings import Settings
from tests.flows.reimbursements.people import People
from tests.system import System, open_system


@pytest.fixture
async def system(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[System]:
    """The whole system, and the API on a port to which Column posts its events."""
    async with open_system(settings, sandbox) as opened:
        house = opened.house
        context = ApiContext(
            settings=settings,
            database=house.database,
            temporal=house.temporal,
            after_commit=house.outbox.deliver,
            flows=house.flows,
            settler=house.settler,
        )
        config = uvicorn.Config(create_app(context, ROUTERS), host="127.0.0.1", port=0, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        sandbox.world.column.config.webhook_url = f"http://127.0.0.1:{port}/v1/webhooks/column"
        sandbox.world.paypal.config.webhook_url = f"http://127.0.0.1:{port}/v1/webhooks/paypal"
        yield opened
        sandbox.world.column.config.webhook_url = None
        sandbox.world.paypal.config.webhook_url = None
        server.should_exit = True
        await serving


@pytest.fixture
async def people(system: System) -> AsyncIterator[People]:
    """An organization with 1,000.00 in the bank and in the books, and a payee with an account.

    Every story ends by proving the books, the bank's own beside ours.
    """
    people = People(system)
    await people.deposit(100_000)
    await people.add_payee()
    await people.policy(receipt_required=False)
    yield people
    await people.prove_books()
