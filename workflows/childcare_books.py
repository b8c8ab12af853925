"""Every night: wallets, programmes and the whole of Chek are held against the ledger."""

from datetime import timedelta

from temporalio import workflow

from contracts.childcare_calendar import RECONCILE, ReconciliationReport
from workflows.presets import UNTIL_DONE


@workflow.defn(name="childcare-books")
class ChildcareBooks:
    """Each difference that stays is a case of its own."""

    @workflow.run
    async def run(self) -> ReconciliationReport:
        """Do it once."""
        report: ReconciliationReport = await workflow.execute_activity(
            RECONCILE,
            result_type=ReconciliationReport,
            start_to_close_timeout=timedelta(hours=4),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=UNTIL_DONE,
        )
        return report
