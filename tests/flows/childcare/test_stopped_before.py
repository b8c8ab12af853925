"""What had stopped when the release came that keeps a case of it."""

import asyncio

from cli.migrations import downgrade, upgrade
from settings import Settings
from tests.flows.childcare.town import Town

BEFORE = "0037"


async def test_what_stopped_before_there_were_such_cases_has_one_afterwards(town: Town, settings: Settings) -> None:
    allocation = await town.allocation(await town.child(await town.family()), 66_600)
    path = f"/v1/allocations/{allocation['id']}"
    (first,) = allocation["detail"]["cases"]
    url = settings.database.owner_url.get_secret_value()

    await asyncio.to_thread(downgrade, url, BEFORE)
    (closed,) = (await town.system.get(path))["detail"]["cases"]
    await asyncio.to_thread(upgrade, url)

    assert (closed["id"], closed["state"]) == (first["id"], "closed")
    cases = (await town.system.get(path))["detail"]["cases"]
    assert [(case["kind"], case["state"]) for case in cases] == [("stopped", "open"), ("stopped", "closed")]
