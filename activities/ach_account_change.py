"""Look at a correction of a stored account: whether it is applied, and whether it is its turn."""

from temporalio import activity

from contracts.ach_return import LOOK_AT_CHANGE, ChangeStanding
from contracts.flow import FlowInput
from db.engine import Database
from db.queries import ach_account_change as queries


class AchAccountChanges:
    """Steps of the flow `ach-account-change` on our own rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=LOOK_AT_CHANGE)
    async def look(self, flow: FlowInput) -> ChangeStanding:
        """Where the correction stands."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/ach-account-change") as uow:
            row = await queries.get(uow, flow.id)
            first = await queries.pending(uow, row["account_id"])
            mine = not first or first[0]["id"] == row["id"]
            return ChangeStanding(
                state=row["state"],
                waits_for=None if mine else "an earlier correction of the account",
                business_now=await uow.business_now(),
            )
