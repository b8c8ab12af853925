"""On the first day of a month: every enabled child gets its budget for this month and the next, once."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from contracts.childcare_calendar import ALLOCATE_MONTH, MonthReport, Zone


@workflow.defn(name="childcare-month")
class ChildcareMonth:
    """What is allocated already is left alone, so it may be repeated, and comes late after downtime."""

    @workflow.run
    async def run(self, zone: Zone) -> MonthReport:
        """Do it once."""
        report: MonthReport = await workflow.execute_activity(
            ALLOCATE_MONTH,
            zone,
            result_type=MonthReport,
            start_to_close_timeout=timedelta(hours=4),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
        )
        return report
