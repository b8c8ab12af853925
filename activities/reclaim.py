"""Looking at a reclaim."""

from temporalio import activity

from contracts.flow import FlowInput
from contracts.reclaim import LOOK_AT_RECLAIM, ReclaimStanding
from db.engine import Database
from db.queries import reclaim as queries
from domain.reclaim import ENDED, ReclaimState


class Reclaims:
    """Reclaims as their rows stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=LOOK_AT_RECLAIM)
    async def look(self, flow: FlowInput) -> ReclaimStanding:
        """Where it stands."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/reclaim") as uow:
            row = await queries.get(uow, flow.id)
            now = await uow.business_now()
        state = ReclaimState(row["state"])
        stopped = (row["code"] or "stopped") if state is ReclaimState.STOPPED else None
        return ReclaimStanding(state=state, ended=state in ENDED, stopped=stopped, business_now=now)
