"""The scheduled look at what became of payouts to providers' bank accounts."""

from datetime import timedelta

from temporalio import workflow

from contracts.payout_watch import WATCH_PAYOUTS, PayoutWatchReport
from workflows.presets import UNTIL_DONE


@workflow.defn(name="payout-watch")
class PayoutWatch:
    """One look; the schedule repeats it and skips a look while the previous one runs."""

    @workflow.run
    async def run(self) -> PayoutWatchReport:
        """Look once."""
        report: PayoutWatchReport = await workflow.execute_activity(
            WATCH_PAYOUTS,
            result_type=PayoutWatchReport,
            start_to_close_timeout=timedelta(hours=1),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=UNTIL_DONE,
        )
        return report
