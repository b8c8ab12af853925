"""The system with Column's webhooks coming in over HTTP, and a bank account with money in it."""

from collections.abc import AsyncIterator

import pytest

from sandbox.runner import SandboxRunner
from settings import Settings
from tests.flows.reimbursements.people import People
from tests.serving import serving
from tests.system import System, api_of, open_system


@pytest.fixture
async def system(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[System]:
    """The whole system, and the API on a port to which Column posts its events."""
    async with open_system(settings, sandbox) as opened, serving(api_of(opened.house, settings)) as url:
        sandbox.world.column.config.webhook_url = f"{url}/v1/webhooks/column"
        sandbox.world.paypal.config.webhook_url = f"{url}/v1/webhooks/paypal"
        yield opened
        sandbox.world.column.config.webhook_url = None
        sandbox.world.paypal.config.webhook_url = None


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
