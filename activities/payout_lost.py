"""Payouts whose run was lost (ended by hand, or never started): started again, and told of by a case.

Nobody waits for this: a payout starts with its approval. A money call that is open is looked after by the money calls'
own watch; here are payouts between two steps, of which no call tells.
"""

from uuid import UUID

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from activities.flow_alive import is_alive
from db.engine import Database
from db.flows.reimbursement import ReimbursementSteps
from db.queries import payout_watch as queries
from db.unit_of_work import UnitOfWork
from domain.errors import BursarError

log = structlog.get_logger()


class LostPayouts:
    """The body of a loop. Any number of them may run: a run is started once, whoever asks."""

    def __init__(self, database: Database, client: Client, steps: ReimbursementSteps, *, after_seconds: float) -> None:
        """`after_seconds` without any news it is asked whether the run is alive."""
        self._database = database
        self._client = client
        self._steps = steps
        self._after_seconds = after_seconds

    async def look(self) -> int:
        """Look once at everything that is quiet; always 0: once per pause is enough."""
        async with self._database.across_organizations(actor="payout-watch") as uow:
            quiet = await queries.quiet(uow, self._after_seconds)
        for row in quiet:
            try:
                async with self._database.unit_of_work(row["organization_id"], actor="payout-watch") as uow:
                    await self._one(uow, row["report_id"])
            except (BursarError, RPCError) as error:
                log.warning("lost_payout_not_looked_at", report_id=str(row["report_id"]), error=type(error).__name__)
        return 0

    async def _one(self, uow: UnitOfWork, report_id: UUID) -> None:
        row = await self._steps.lock(uow, report_id)
        run = self._steps.run(row)
        if await is_alive(self._client, run):
            return
        log.warning("lost_payout_found", report_id=str(report_id))
        await uow.tell("payout.found_lost", self._steps.flow, report_id)
        summary = "The run of a payout had ended before the payout: it was started again"
        evidence = {"state": row["state"] if row["holding"] is None else row["holding"]["state"]}
        await uow.open_case("stranded", self._steps.flow, report_id, summary, evidence)
        await uow.wake_workflow(run)
