"""Dates that repeat, counted from the first one, so that a short month never moves those after it.

The 31st becomes the last day of a shorter month and is the 31st again in the next. Libraries of RFC 5545 leave the
short month out instead, and adding a month to the last date drifts.
"""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import count

from domain.calendar import banking_day_on_or_after


class Frequency(StrEnum):
    """How often."""

    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


_WEEKS = {Frequency.WEEKLY: 1, Frequency.BIWEEKLY: 2}
_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}


def period_date(start: date, frequency: Frequency, number: int) -> date:
    """The date of the period with this number; number 0 is the start itself."""
    if number < 0:
        raise ValueError("periods are counted from 0 on")
    if frequency in _WEEKS:
        return start + timedelta(weeks=_WEEKS[frequency] * number)
    months = start.month - 1 + _MONTHS[frequency] * number
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def charge_date(period: date) -> date:
    """The banking day on which a period is charged: its own date, or the first banking day after it."""
    return banking_day_on_or_after(period)


def period_dates(start: date, frequency: Frequency, *, end: date | None, first: int = 0) -> Iterator[tuple[int, date]]:
    """Numbers and dates from the period `first` on, up to and including the end date."""
    for number in count(first):
        period = period_date(start, frequency, number)
        if end is not None and period > end:
            return
        yield number, period
