"""Looking at an allocation."""

from temporalio import activity

from contracts.allocation import LOOK_AT_ALLOCATION, AllocationStanding
from contracts.flow import FlowInput
from db.engine import Database
from db.queries import allocation as queries


class Allocations:
    """Allocations as their rows stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=LOOK_AT_ALLOCATION)
    async def look(self, flow: FlowInput) -> AllocationStanding:
        """Where the funding stands."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/allocation") as uow:
            row = await queries.get(uow, flow.id)
            now = await uow.business_now()
        stopped = row["code"] if row["funding_state"] == "unfunded" else None
        return AllocationStanding(funding_state=row["funding_state"], stopped=stopped, business_now=now)
