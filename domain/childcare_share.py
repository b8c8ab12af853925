"""What a child gets for a month: the whole monthly amount, or its share of the first month (reference, sections 2, 11).

The first month is that of the day on which care starts, whatever was allocated first. Its share is the days left, the
first one among them, over the days of the month, half a cent rounded up; staff may set another amount instead.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.childcare_month import month_of
from domain.errors import LimitExceeded
from domain.money import Money

Basis = Literal["given", "whole", "prorated", "first_month"]
"""Why an allocation has its amount: named by the caller, a whole month, by the rule, or set for the first month."""


@dataclass(frozen=True, slots=True)
class Share:
    """An amount and why it is this one."""

    money: Money
    basis: Basis


def share_of_month(monthly: Money, first_month: Money | None, starts_on: date | None, month: date) -> Share:
    """The child's amount for a month (named by its first day). Raises LimitExceeded before care starts.

    Without a day on which care starts every month is a whole one.
    """
    if starts_on is None or month_of(starts_on) < month:
        return Share(monthly, "whole")
    if month_of(starts_on) > month:
        raise LimitExceeded("The child's care starts in a later month.", field="month", code="before_start")
    if first_month is not None:
        return Share(first_month, "first_month")
    days = monthrange(month.year, month.month)[1]
    left = days - starts_on.day + 1
    return Share(monthly.prorate(left, days), "whole" if left == days else "prorated")
