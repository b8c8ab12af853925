"""Looking at an allocation, and funding it again where that needs nobody."""

from temporalio import activity

from contracts.allocation import FUND_AGAIN, LOOK_AT_ALLOCATION, AllocationStanding
from contracts.flow import FlowInput
from db.engine import Database
from db.flows.allocation import AllocationSteps
from db.flows.base import FlowRow
from db.queries import allocation as queries
from db.unit_of_work import UnitOfWork

LONGEST_PAUSE_SECONDS = 6 * 3600.0
MOST_DOUBLINGS = 20


class Allocations:
    """Allocations as their rows stand. `again_seconds`: the first pause before one is funded again by itself."""

    def __init__(self, database: Database, *, again_seconds: float) -> None:
        self._database = database
        self._again_seconds = again_seconds

    @activity.defn(name=LOOK_AT_ALLOCATION)
    async def look(self, flow: FlowInput) -> AllocationStanding:
        """Where the funding stands."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/allocation") as uow:
            return await self._standing(uow, await queries.get(uow, flow.id))

    @activity.defn(name=FUND_AGAIN)
    async def fund_again(self, flow: FlowInput) -> AllocationStanding:
        """Have a funding done again that is proven not to have happened; whatever else stopped it stays stopped."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/allocation") as uow:
            row = await queries.get(uow, flow.id, lock=True)
            if _needs_nobody(row):
                await AllocationSteps().command(uow, row, "retry", {})
                row = await queries.get(uow, flow.id)
            return await self._standing(uow, row)

    async def _standing(self, uow: UnitOfWork, row: FlowRow) -> AllocationStanding:
        tries = min(row["funding_attempt"] - 1, MOST_DOUBLINGS)
        return AllocationStanding(
            funding_state=row["funding_state"],
            stopped=row["code"] if row["funding_state"] == "unfunded" else None,
            again_seconds=min(self._again_seconds * 2**tries, LONGEST_PAUSE_SECONDS) if _needs_nobody(row) else None,
            business_now=await uow.business_now(),
        )


def _needs_nobody(row: FlowRow) -> bool:
    # what two people found out is not among these: after them only an explicit retry sends again
    return (row["funding_state"], row["code"]) == ("unfunded", "balances_unmoved")
