"""The watch over money calls looks late: what it read of a call is older than the end of the call's run."""

import pytest
from sqlalchemy import select

from activities.money_call_watch import MoneyCallWatch
from db.tables.case_file import case_file
from db.tables.money_call import money_call
from domain.ids import parse_public_id
from tests.flows.ach import merchant, stored_account
from tests.system import System


@pytest.mark.parametrize("read", ["recorded", "sending", "unknown"])
async def test_a_call_that_was_settled_before_its_run_ended_strands_nobody(system: System, read: str) -> None:
    account = await stored_account(system, await merchant(system))
    account_id = parse_public_id("acct", account["id"], field="id")
    await system.house.temporal.get_workflow_handle(f"ach-account/{account_id}").result()
    house = system.house
    watch = MoneyCallWatch(house.database, house.temporal, house.flows, house.finder, after_seconds=0)
    async with house.database.unit_of_work(system.organization_id, actor="test") as uow:
        calls = await uow.all(select(money_call).where(money_call.c.flow_id == account_id))
    assert {call["state"] for call in calls} == {"applied"}

    seen = {await watch.look({**call, "state": read}) for call in calls}  # type: ignore[arg-type]

    async with house.database.unit_of_work(system.organization_id, actor="test") as uow:
        cases = await uow.all(select(case_file.c.kind, case_file.c.summary))
    assert (seen, cases) == ({"left_alone"}, [])
