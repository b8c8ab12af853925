"""Every day: what Column and PayPal say of their transfers is held against what they told us."""

from datetime import timedelta

from temporalio import workflow

from contracts.payout_reconciliation import RECONCILE_PAYOUTS, PayoutReconciliationReport
from workflows.presets import UNTIL_DONE


@workflow.defn(name="payout-reconciliation")
class PayoutReconciliation:
    """One look; a partner that does not answer is asked by the next one."""

    @workflow.run
    async def run(self) -> PayoutReconciliationReport:
        """Look once."""
        report: PayoutReconciliationReport = await workflow.execute_activity(
            RECONCILE_PAYOUTS,
            result_type=PayoutReconciliationReport,
            start_to_close_timeout=timedelta(hours=4),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=UNTIL_DONE,
        )
        return report
