"""Months of the programme: named by their first day."""

from datetime import date


def month_of(day: date) -> date:
    """The month that a day lies in."""
    return day.replace(day=1)


def following(month: date) -> date:
    """The month after this one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
