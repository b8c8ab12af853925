"""The scheduled watch over money calls whose flow no longer runs."""

from datetime import timedelta

from temporalio import workflow

from contracts.money_call import WATCH, WatchReport
from workflows.presets import UNTIL_DONE


@workflow.defn(name="money-call-watch")
class MoneyCallWatch:
    """One look; the schedule repeats it and skips a look while the previous one runs."""

    @workflow.run
    async def run(self) -> WatchReport:
        """Look once."""
        report: WatchReport = await workflow.execute_activity(
            WATCH,
            result_type=WatchReport,
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=timedelta(minutes=2),
            retry_policy=UNTIL_DONE,
        )
        return report
