"""The scheduled look at return rates and due corrections."""

from datetime import timedelta

from temporalio import workflow

from contracts.ach_return import WATCH_RETURNS, ReturnWatchReport
from workflows.presets import UNTIL_DONE


@workflow.defn(name="return-watch")
class ReturnWatch:
    """One look; the schedule repeats it and skips a look while the previous one runs."""

    @workflow.run
    async def run(self) -> ReturnWatchReport:
        """Look once."""
        report: ReturnWatchReport = await workflow.execute_activity(
            WATCH_RETURNS,
            result_type=ReturnWatchReport,
            start_to_close_timeout=timedelta(minutes=10),
            retry_policy=UNTIL_DONE,
        )
        return report
