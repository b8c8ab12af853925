"""Nobody is forgotten: open money calls whose flow no longer runs are found out by the watch."""

from collections.abc import Mapping

import structlog
from sqlalchemy import RowMapping
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.money_call_find import Finder
from contracts.money_call import WATCH, WatchReport
from db.engine import Database
from db.flows.base import FlowSteps
from db.queries import money_call as queries

log = structlog.get_logger()


class MoneyCallWatch:
    """Takes over finding out. It never sends a call that was recorded and not sent: a person decides on that."""

    def __init__(
        self,
        database: Database,
        client: Client,
        flows: Mapping[str, FlowSteps],
        finder: Finder,
        *,
        after_seconds: float,
    ) -> None:
        self._database = database
        self._client = client
        self._flows = flows
        self._finder = finder
        self._after_seconds = after_seconds

    @activity.defn(name=WATCH)
    async def watch(self) -> WatchReport:
        """Look once at every open call that is old enough."""
        async with self._database.across_organizations(actor="money-call-watch") as uow:
            calls = await queries.open_calls(uow, older_than_seconds=self._after_seconds)
        taken_over = stranded = 0
        for call in calls:
            activity.heartbeat()
            if await self._flow_runs(call):
                continue
            if call["state"] == "recorded":
                stranded += await self._strand(call)
            elif call["state"] in ("sending", "unknown"):
                taken_over += await self._find_out(call)
        return WatchReport(looked_at=len(calls), taken_over=taken_over, stranded=stranded)

    async def _flow_runs(self, call: RowMapping) -> bool:
        """Whether the flow's run, or one that went on under its restart id, is alive."""
        flow = self._flows[call["flow"]]
        async with self._database.unit_of_work(call["organization_id"], actor="money-call-watch") as uow:
            run = flow.run(await flow.read(uow, call["flow_id"]))
        for workflow_id in (run.workflow_id, run.restart_id):
            try:
                found = await self._client.get_workflow_handle(workflow_id).describe()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            else:
                if found.status is WorkflowExecutionStatus.RUNNING:
                    return True
        return False

    async def _find_out(self, row: RowMapping) -> int:
        async with self._database.unit_of_work(row["organization_id"], actor="money-call-watch") as uow:
            call = await queries.get(uow, row["id"])
        if call is None or call.state not in ("sending", "unknown"):
            return 0
        log.info("money_call_taken_over", money_call_id=str(call.id), flow=call.flow)
        await self._finder.find_out(call)
        return 1

    async def _strand(self, row: RowMapping) -> int:
        async with self._database.unit_of_work(row["organization_id"], actor="money-call-watch") as uow:
            await uow.open_case(
                "stranded",
                row["flow"],
                row["flow_id"],
                f"{row['step']} was recorded and never sent, and its flow no longer runs: retry or cancel it",
                {"money_call_id": row["id"]},
            )
        return 1
