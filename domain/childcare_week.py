"""Weeks of the programme, Monday to Sunday, and the instant from which its care days are locked (seed 004, 2.1)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LAST_SECOND = time(23, 59, 59)


def week_of(day: date) -> date:
    """The Monday of the week that a day lies in."""
    return day - timedelta(days=day.weekday())


def lock_of(day: date, time_zone: str) -> datetime:
    """The last instant at which a care day may change: Monday 23:59:59 of its week, by the programme's clocks.

    Where that wall-clock time comes twice, the later one counts; the database's `childcare_week_lock` agrees.
    """
    local = datetime.combine(week_of(day), LAST_SECOND, ZoneInfo(time_zone))
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def is_locked(day: date, time_zone: str, now: datetime) -> bool:
    """Whether the day's week is locked: only when its lock lies behind, the very second still is open."""
    return now > lock_of(day, time_zone)
