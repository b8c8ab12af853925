"""A merchant and a customer with a verified account."""

import pytest

from tests.flows.ach_authorizations.payers import Payers
from tests.system import System


@pytest.fixture
async def payers(system: System) -> Payers:
    """The merchant, and Maria's account; a morning of a banking day."""
    payers = Payers(system)
    await payers.to_a_morning()
    await payers.begin()
    return payers
