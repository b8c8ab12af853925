"""On Fridays: families that have selected nothing for the next week are reminded, once."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from contracts.childcare_calendar import REMIND, ReminderReport, Zone


@workflow.defn(name="childcare-reminders")
class ChildcareReminders:
    """A family has one mail per week, however often this runs."""

    @workflow.run
    async def run(self, zone: Zone) -> ReminderReport:
        """Do it once."""
        report: ReminderReport = await workflow.execute_activity(
            REMIND,
            zone,
            result_type=ReminderReport,
            start_to_close_timeout=timedelta(hours=4),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
        )
        return report
