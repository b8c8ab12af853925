"""Attendance: which weeks of care must have been entered, and by whom, before more is paid (reference, section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from domain.childcare_week import week_of
from domain.errors import InvalidInput, StateConflict

Side = Literal["family", "provider"]
WEEK = timedelta(days=7)
LONGEST = 7


@dataclass(frozen=True, slots=True)
class Missing:
    """A week that a side has not entered."""

    week: date
    side: Side


def require_week(week: date, today: date) -> None:
    """A week is named by its Monday and is entered once it has begun; `today` is the programme's date."""
    if week_of(week) != week:
        raise InvalidInput("week", "Must be a Monday.", code="invalid_week")
    if week > today:
        raise StateConflict("week_not_begun", "The week has not begun.", field="week")


def require_days_of_week(full_days: int, half_days: int) -> None:
    """A week has seven days; none at all is an answer too."""
    if min(full_days, half_days) < 0 or full_days + half_days > LONGEST:
        raise InvalidInput("full_days", "Full and half days make at most seven.", code="invalid_days")


def missing(weeks: Mapping[date, Mapping[Any, Any] | None], today: date, *, provider_asked: bool) -> list[Missing]:
    """What is overdue of the weeks in which care was paid for, by week with the entry (None where there is none).

    A family enters a week as soon as it is over. A provider has a week longer, and is not asked where that is waived.
    """
    this_week = week_of(today)
    found = []
    for week, entry in sorted(weeks.items()):
        if week < this_week and (entry is None or entry["family_entered_at"] is None):
            found.append(Missing(week, "family"))
        late = week < this_week - WEEK and (entry is None or entry["provider_entered_at"] is None)
        if late and provider_asked:
            found.append(Missing(week, "provider"))
    return found


def require_entered(overdue: list[Missing]) -> None:
    """Nothing more is paid for a child and provider while a week of theirs is overdue; says who must enter it."""
    if any(week.side == "family" for week in overdue):
        raise StateConflict("attendance_overdue", "The family has not entered the attendance of a past week.")
    if overdue:
        raise StateConflict(
            "attendance_overdue",
            "The provider has not entered the attendance of a past week.",
            who_must_act="payee",
        )
