"""Temporal Schedules of the house, made once and kept; their intervals follow the settings."""

from datetime import timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)

from activities.house import House

WATCH_ID = "money-call-watch"


async def ensure_schedules(house: House) -> None:
    """Make the schedules, or bring them up to the settings; any number of workers may do this at once."""
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(
            "money-call-watch", id=WATCH_ID, task_queue=house.settings.temporal.task_queue
        ),
        spec=ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=timedelta(seconds=house.settings.money_call.watch_seconds))]
        ),
        # after downtime one look is enough; the server's own default would catch up for a year
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
    try:
        await house.temporal.create_schedule(WATCH_ID, wanted)
    except ScheduleAlreadyRunningError:
        await house.temporal.get_schedule_handle(WATCH_ID).update(lambda _: ScheduleUpdate(wanted))
