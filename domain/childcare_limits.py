"""Limits of the subsidy programme (seed 004 and the limits table of its reference)."""

from collections.abc import Mapping
from datetime import date

from domain.childcare_month import following, month_of
from domain.errors import InvalidInput, LimitExceeded

CURRENCY = "USD"
SMALLEST_RATE, LARGEST_RATE = 100, 16_000
MOST_DAYS = 31


def require_rate(cents: int, *, field: str) -> None:
    """A half or full day costs 1.00 to 160.00."""
    if not SMALLEST_RATE <= cents <= LARGEST_RATE:
        raise LimitExceeded("A rate is between 1.00 and 160.00.", field=field, code="rate_out_of_range")


def require_allocation(cents: int, cap: int, *, field: str) -> None:
    """A child's month is nothing or more, up to the cap. Nothing is a valid allocation."""
    if cents < 0:
        raise InvalidInput(field, "An allocation is not negative.", code="invalid_amount")
    if cents > cap:
        raise LimitExceeded("The allocation is above the programme's cap.", field=field, code="above_cap")


def require_payable(cents: int, cap: int, *, field: str) -> None:
    """A payment or lump sum is more than nothing and at most the cap."""
    if cents <= 0:
        raise InvalidInput(field, "The amount must be more than nothing.", code="invalid_amount")
    if cents > cap:
        raise LimitExceeded("The amount is above the programme's cap.", field=field, code="above_cap")


def require_days(days: int, half_days: int, *, fields: Mapping[str, str]) -> None:
    """A lump sum names up to 31 days and up to 31 half days, and at least one of either."""
    for name, count in (("days", days), ("half_days", half_days)):
        if not 0 <= count <= MOST_DAYS:
            raise InvalidInput(fields[name], f"Must be between 0 and {MOST_DAYS}.", code="invalid_days")
    if days + half_days == 0:
        raise InvalidInput(fields["days"], "A lump sum is for at least one day or half day.", code="invalid_days")


def require_allocatable(month: date, today: date, last_month: date | None = None, *, field: str) -> None:
    """Money is allocated for the current month or the next, while the programme lasts; `today` is its date."""
    if month.day != 1:
        raise InvalidInput(field, "Must be the first day of a month.", code="invalid_month")
    this = month_of(today)
    if month not in (this, following(this)):
        raise LimitExceeded("Only this month and the next can be allocated.", field=field, code="month_not_open")
    if last_month is not None and month > last_month:
        raise LimitExceeded("The programme has ended before this month.", field=field, code="program_ended")
