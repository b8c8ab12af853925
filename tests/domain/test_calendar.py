"""Banking days are the Federal Reserve's; an independent calendar and the published dates are the oracle."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import (
    NEW_YORK,
    add_banking_days,
    banking_day_on_or_after,
    closures,
    consumer_return_deadline,
    is_banking_day,
    next_banking_day,
    opening_of_business,
    origination_date,
    prenote_live_date,
    reversal_deadline,
    settlement_date,
    two_day_return_deadline,
)

PUBLISHED = {
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-23 12-25",
    2029: "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25",
    2030: "01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
}
CUT_OFF = time(17)
days = st.dates(date(2022, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_published_closures_are_exactly_ours(year):
    assert closures(year) == {date.fromisoformat(f"{year}-{day}") for day in PUBLISHED[year].split()}


@pytest.mark.parametrize("year", range(2022, 2100))
def test_closures_agree_with_an_independent_calendar_and_the_sunday_rule(year):
    # a federal holiday list without observed days, then the Federal Reserve's own rule for week-ends
    expected = set()
    for day, name in country_holidays("US", years=year, observed=False).items():
        assert name
        if day.weekday() == 6:
            expected.add(day + timedelta(days=1))
        elif day.weekday() != 5:
            expected.add(day)
    assert closures(year) == expected


def test_a_saturday_holiday_leaves_the_friday_open_and_a_sunday_holiday_closes_the_monday():
    assert is_banking_day(date(2026, 7, 3))
    assert is_banking_day(date(2027, 12, 31))
    assert not is_banking_day(date(2027, 7, 5))


@given(days, st.integers(1, 30))
def test_counting_banking_days_counts_each_of_them_once(day, count):
    end = add_banking_days(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert is_banking_day(end)
    assert sum(map(is_banking_day, between)) == count


@given(days)
def test_the_day_itself_counts_only_when_asked_on_or_after(day):
    assert next_banking_day(day) > day
    assert banking_day_on_or_after(day) == (day if is_banking_day(day) else next_banking_day(day))


def test_counting_no_days_or_backwards_is_refused():
    with pytest.raises(ValueError, match="from one on"):
        add_banking_days(date(2026, 11, 24), 0)


def test_the_worked_example_over_thanksgiving():
    settled = date(2026, 11, 24)
    assert two_day_return_deadline(settled) == date(2026, 11, 27)
    assert prenote_live_date(settled) == date(2026, 11, 30)
    assert reversal_deadline(settled) == date(2026, 12, 2)
    assert consumer_return_deadline(settled) == date(2027, 1, 25)


def test_a_consumer_return_may_still_come_by_the_opening_after_the_sixtieth_day():
    assert consumer_return_deadline(date(2026, 11, 20)) == date(2027, 1, 20)


def test_the_worked_example_over_new_year():
    settled = date(2026, 12, 31)
    assert two_day_return_deadline(settled) == date(2027, 1, 5)
    assert reversal_deadline(settled) == date(2027, 1, 8)


@pytest.mark.parametrize(
    ("local", "settles"),
    [
        ("2026-11-20 16:59", "2026-11-23"),  # Friday before the cut-off
        ("2026-11-20 17:00", "2026-11-24"),  # Friday at it: Monday's files
        ("2026-11-22 09:00", "2026-11-24"),  # a Sunday is Monday's files
        ("2026-11-25 16:00", "2026-11-27"),  # over Thanksgiving
        ("2026-07-02 16:00", "2026-07-03"),  # the Friday before a Saturday holiday is open
        ("2026-03-06 16:30", "2026-03-09"),  # over the change to summer time
    ],
)
def test_an_entry_settles_one_banking_day_after_it_goes_out(local, settles):
    instant = datetime.fromisoformat(local).replace(tzinfo=NEW_YORK).astimezone(UTC)
    assert settlement_date(instant, CUT_OFF) == date.fromisoformat(settles)


@given(days, st.times())
def test_the_zone_of_the_asker_does_not_matter(day, at):
    instant = datetime.combine(day, at, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert origination_date(instant, CUT_OFF) == origination_date(instant.astimezone(UTC), CUT_OFF)
    assert is_banking_day(origination_date(instant, CUT_OFF))


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        settlement_date(datetime(2026, 11, 20, 12), CUT_OFF)  # noqa: DTZ001 - the point of the test


def test_a_banking_day_opens_at_half_past_eight_in_new_york_all_year_round():
    assert opening_of_business(date(2026, 11, 30)) == datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
    assert opening_of_business(date(2026, 7, 6)) == datetime(2026, 7, 6, 12, 30, tzinfo=UTC)
