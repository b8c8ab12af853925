"""The programmes' calendars as Temporal Schedules: by the clocks of each zone, caught up after downtime."""

from datetime import timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
)

from activities.house import House
from contracts.childcare_calendar import Zone
from db.queries import program

FRIDAY = 5
CALENDARS = {
    "childcare-month": (ScheduleCalendarSpec(day_of_month=[ScheduleRange(1)], hour=[ScheduleRange(6)]), 20),
    "childcare-reminders": (ScheduleCalendarSpec(day_of_week=[ScheduleRange(FRIDAY)], hour=[ScheduleRange(9)]), 2),
}
"""By workflow: when, and for how many days a time that was missed is caught up."""
BOOKS = "childcare-books"
NIGHT = ScheduleCalendarSpec(hour=[ScheduleRange(3)])


async def ensure_childcare_schedules(house: House) -> int:
    """Make the schedules of every zone in which there is a programme, and the nightly one; returns 0: nothing is left.

    Any number of workers may do this at once.
    """
    async with house.database.across_organizations(actor="childcare/schedules") as uow:
        zones = await program.time_zones(uow)
    for zone in zones:
        for workflow, (calendar, days) in CALENDARS.items():
            await _ensure(house, workflow, calendar, zone, days, Zone(time_zone=zone))
    if zones:
        await _ensure(house, BOOKS, NIGHT, house.settings.childcare.time_zone, 1, None)
    return 0


async def _ensure(
    house: House, workflow: str, calendar: ScheduleCalendarSpec, zone: str, catch_up_days: int, argument: Zone | None
) -> None:
    name = workflow if argument is None else f"{workflow}/{zone}"
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(
            workflow,
            args=[] if argument is None else [argument],
            id=name,
            task_queue=house.settings.temporal.task_queue,
        ),
        spec=ScheduleSpec(calendars=[calendar], time_zone_name=zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=timedelta(days=catch_up_days)),
    )
    try:
        await house.temporal.create_schedule(name, wanted)
    except ScheduleAlreadyRunningError:
        await house.temporal.get_schedule_handle(name).update(lambda _: ScheduleUpdate(wanted))
