"""The sandbox's own calendar against the Federal Reserve's published closures."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.calendar import add_banking_days, holidays, is_banking_day, new_york, next_cut_off

# Weekday closures, from the table in the rules.
CLOSED = """
2024-01-01 2024-01-15 2024-02-19 2024-05-27 2024-06-19 2024-07-04 2024-09-02 2024-10-14 2024-11-11 2024-11-28 2024-12-25
2025-01-01 2025-01-20 2025-02-17 2025-05-26 2025-06-19 2025-07-04 2025-09-01 2025-10-13 2025-11-11 2025-11-27 2025-12-25
2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-09-07 2026-10-12 2026-11-11 2026-11-26 2026-12-25
2027-01-01 2027-01-18 2027-02-15 2027-05-31 2027-07-05 2027-09-06 2027-10-11 2027-11-11 2027-11-25
2028-01-17 2028-02-21 2028-05-29 2028-06-19 2028-07-04 2028-09-04 2028-10-09 2028-11-23 2028-12-25
2029-01-01 2029-01-15 2029-02-19 2029-05-28 2029-06-19 2029-07-04 2029-09-03 2029-10-08 2029-11-12 2029-11-22 2029-12-25
2030-01-01 2030-01-21 2030-02-18 2030-05-27 2030-06-19 2030-07-04 2030-09-02 2030-10-14 2030-11-11 2030-11-28 2030-12-25
"""


def test_weekday_closures_of_seven_years_are_exactly_the_published_ones() -> None:
    expected = {date.fromisoformat(text) for text in CLOSED.split()}
    found = {day for year in range(2024, 2031) for day in holidays(year) if day.weekday() < 5}
    assert found == expected


@pytest.mark.parametrize("day", ["2026-07-03", "2027-06-18", "2027-12-24", "2027-12-31", "2028-11-10"])
def test_the_friday_before_a_saturday_holiday_stays_open(day: str) -> None:
    assert is_banking_day(date.fromisoformat(day))


def test_banking_days_are_counted_across_thanksgiving() -> None:
    settlement = date(2026, 11, 24)
    assert add_banking_days(settlement, 2) == date(2026, 11, 27)
    assert add_banking_days(settlement, 3) == date(2026, 11, 30)
    assert add_banking_days(settlement, 5) == date(2026, 12, 2)


def test_new_york_times_follow_daylight_saving() -> None:
    assert new_york(date(2026, 7, 1), 17) == datetime(2026, 7, 1, 21, tzinfo=UTC)
    assert new_york(date(2026, 12, 1), 17) == datetime(2026, 12, 1, 22, tzinfo=UTC)


def test_what_comes_at_the_cut_off_waits_for_the_next_banking_day() -> None:
    cut_off = new_york(date(2026, 11, 25), 17)
    assert next_cut_off(cut_off - timedelta(seconds=1), date(2026, 11, 25), 17) == cut_off
    assert next_cut_off(cut_off, date(2026, 11, 25), 17) == new_york(date(2026, 11, 27), 17)
