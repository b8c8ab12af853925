"""A funded town per story."""

from collections.abc import AsyncIterator

import httpx
import pytest

from domain.tls import trusted
from settings import Settings
from tests.flows.childcare.town import Town
from tests.system import System


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Evidence is read twice within a second."""
    return settings.model_copy(update={"chek": settings.chek.model_copy(update={"readings_apart_seconds": 0.4})})


@pytest.fixture
async def town(system: System) -> AsyncIterator[Town]:
    """The programme has 10,000.00 at Chek and in the books."""
    headers = {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"}
    base = f"{system.sandbox.addresses['chek']}/api/v1/account/1/"
    async with httpx.AsyncClient(base_url=base, headers=headers, verify=trusted()) as chek:
        founded = Town(system, chek)
        await founded.found()
        yield founded
