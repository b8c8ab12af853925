"""The programmes' calendars as Temporal Schedules: by the clocks of each zone, caught up after downtime."""

from temporalio.client import ScheduleCalendarSpec, ScheduleRange

from activities.house import House
from activities.schedules import keep_calendar
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
    arguments = [] if argument is None else [argument]
    name = workflow if argument is None else f"{workflow}/{zone}"
    await keep_calendar(house, name, workflow, calendar, *arguments, zone=zone, catch_up_days=catch_up_days)
