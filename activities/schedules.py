"""Temporal Schedules of the house, made once and kept; their times follow the settings."""

from datetime import timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
)

from activities.house import House
from domain.calendar import NEW_YORK

WATCH_ID = "money-call-watch"
RETURN_WATCH_ID = "return-watch"
PAYOUT_WATCH_ID = "payout-watch"
RECONCILIATION_ID = "payout-reconciliation"


async def ensure_schedules(house: House) -> None:
    """Make the schedules, or bring them up to the settings; any number of workers may do this at once."""
    await _ensure(house, WATCH_ID, house.settings.money_call.watch_seconds)
    await _ensure(house, RETURN_WATCH_ID, house.settings.epx.returns_watch_seconds)
    if "chek" in house.rails:
        await _ensure(house, PAYOUT_WATCH_ID, house.settings.chek.payout_watch_seconds)
    if {"column", "paypal"} & house.rails.keys():
        await keep_reconciliation(house)


async def keep_reconciliation(house: House) -> None:
    """The daily look at partners' own lists of payouts."""
    at = ScheduleCalendarSpec(hour=[ScheduleRange(house.settings.payout.reconcile_at_hour)])
    await keep_calendar(house, RECONCILIATION_ID, RECONCILIATION_ID, at, zone=NEW_YORK.key, catch_up_days=1)


async def _ensure(house: House, workflow: str, every_seconds: float) -> None:
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(workflow, id=workflow, task_queue=house.settings.temporal.task_queue),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=every_seconds))]),
        # after downtime one look is enough; the server's own default would catch up for a year
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
    await _keep(house, workflow, wanted)


async def keep_calendar(
    house: House,
    name: str,
    workflow: str,
    calendar: ScheduleCalendarSpec,
    *arguments: object,
    zone: str,
    catch_up_days: int,
) -> None:
    """By the clocks of a zone; a time that was missed is caught up for some days. `name` is the run's id as well."""
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(
            workflow, args=arguments, id=name, task_queue=house.settings.temporal.task_queue
        ),
        spec=ScheduleSpec(calendars=[calendar], time_zone_name=zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=timedelta(days=catch_up_days)),
    )
    await _keep(house, name, wanted)


async def _keep(house: House, name: str, wanted: Schedule) -> None:
    """Make it, or bring it up to what is wanted; any number of workers may do this at once."""
    try:
        await house.temporal.create_schedule(name, wanted)
    except ScheduleAlreadyRunningError:
        await house.temporal.get_schedule_handle(name).update(lambda _: ScheduleUpdate(wanted))
