"""Banking days as the Federal Reserve keeps them: a Sunday holiday closes Monday, a Saturday holiday closes nothing.

The sandbox keeps a calendar of its own on purpose: it must be able to disagree with the product's.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")

_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# (month, weekday, which): 1..4 counts from the start of the month, -1 is the last one. Monday is 0.
_FLOATING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))


def _nth_weekday(year: int, month: int, weekday: int, which: int) -> date:
    if which == -1:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


@lru_cache(maxsize=256)
def holidays(year: int) -> frozenset[date]:
    """The dates of ``year`` on which banks are closed because of a holiday."""
    fixed = (date(year, month, day) for month, day in _FIXED)
    observed = {day + timedelta(days=1) if day.weekday() == 6 else day for day in fixed}
    return frozenset(observed | {_nth_weekday(year, *rule) for rule in _FLOATING})


def is_banking_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def banking_day_on_or_after(day: date) -> date:
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


def add_banking_days(day: date, count: int) -> date:
    """The ``count``-th banking day strictly after ``day``; zero gives the banking day on or after it."""
    if count == 0:
        return banking_day_on_or_after(day)
    for _ in range(count):
        day = banking_day_on_or_after(day + timedelta(days=1))
    return day


def new_york(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time in New York as a UTC instant."""
    return datetime.combine(day, time(hour, minute), NEW_YORK).astimezone(UTC)


def new_york_date(instant: datetime) -> date:
    return instant.astimezone(NEW_YORK).date()


def next_cut_off(instant: datetime, not_before: date, hour: int, minute: int = 0) -> datetime:
    """The first daily cut-off on a banking day that is still ahead of ``instant`` and not before a date."""
    day = banking_day_on_or_after(max(new_york_date(instant), not_before))
    if new_york(day, hour, minute) <= instant:
        day = add_banking_days(day, 1)
    return new_york(day, hour, minute)
