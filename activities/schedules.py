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
RETURN_WATCH_ID = "return-watch"
PAYOUT_WATCH_ID = "payout-watch"


async def ensure_schedules(house: House) -> None:
    """Make the schedules, or bring them up to the settings; any number of workers may do this at once."""
    await _ensure(house, WATCH_ID, house.settings.money_call.watch_seconds)
    await _ensure(house, RETURN_WATCH_ID, house.settings.epx.returns_watch_seconds)
    if "chek" in house.rails:
        await _ensure(house, PAYOUT_WATCH_ID, house.settings.chek.payout_watch_seconds)


async def _ensure(house: House, workflow: str, every_seconds: float) -> None:
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(workflow, id=workflow, task_queue=house.settings.temporal.task_queue),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=every_seconds))]),
        # after downtime one look is enough; the server's own default would catch up for a year
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
    try:
        await house.temporal.create_schedule(workflow, wanted)
    except ScheduleAlreadyRunningError:
        await house.temporal.get_schedule_handle(workflow).update(lambda _: ScheduleUpdate(wanted))
