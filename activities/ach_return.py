"""Send a debit that came back again, when its day has come."""

from temporalio import activity

from contracts.ach_return import REINITIATE, ReinitiationStanding
from contracts.flow import FlowInput
from db.engine import Database
from db.flows.ach_reinitiation import reinitiate
from db.queries import ach_return as queries


class AchReturns:
    """Steps of the flow `ach-return` on our own rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=REINITIATE)
    async def reinitiate(self, flow: FlowInput) -> ReinitiationStanding:
        """Make the new debit if it is due; a repeat finds it made."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/ach-return") as uow:
            _, due = await reinitiate(uow, flow.id)
            row = await queries.get(uow, flow.id)
            return ReinitiationStanding(
                state=row["reinitiation_state"] or row["state"], due=due, business_now=await uow.business_now()
            )
