"""Repeating dates do not drift, come in order, and are charged on banking days."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import is_banking_day, opening_of_business
from domain.recurrence import Frequency, charge_date, period_date, period_dates

starts = st.dates(date(2024, 1, 1), date(2060, 12, 31))
frequencies = st.sampled_from(Frequency)
numbers = st.integers(0, 200)
MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}


def test_the_31st_is_the_last_day_of_a_short_month_and_the_31st_again_after_it():
    found = [period for _, period in period_dates(date(2027, 1, 31), Frequency.MONTHLY, end=date(2028, 12, 31))]
    assert [(day.month, day.day) for day in found[:4]] == [(1, 31), (2, 28), (3, 31), (4, 30)]
    assert [day.day for day in found] == [calendar.monthrange(day.year, day.month)[1] for day in found]
    assert len(found) == 24
    assert date(2028, 2, 29) in found


def test_a_yearly_leap_day_is_the_28th_in_common_years_and_the_29th_again():
    found = [period_date(date(2028, 2, 29), Frequency.YEARLY, number) for number in range(5)]
    assert [day.day for day in found] == [29, 28, 28, 28, 29]


@given(starts, st.sampled_from(sorted(MONTHS)), numbers)
def test_months_keep_the_day_of_the_start_or_end_with_the_month(start, frequency, number):
    period = period_date(start, frequency, number)
    months = (period.year - start.year) * 12 + period.month - start.month
    assert months == MONTHS[frequency] * number
    assert period.day == min(start.day, calendar.monthrange(period.year, period.month)[1])


@given(starts, st.sampled_from([(Frequency.WEEKLY, 7), (Frequency.BIWEEKLY, 14)]), numbers)
def test_weeks_keep_the_day_of_the_week(start, frequency, number):
    assert period_date(start, frequency[0], number) - start == timedelta(days=frequency[1] * number)


@given(starts, frequencies, numbers)
def test_periods_and_charges_come_strictly_in_order(start, frequency, number):
    one, next_one = (period_date(start, frequency, n) for n in (number, number + 1))
    assert one < next_one
    assert charge_date(one) < charge_date(next_one)


@given(starts)
def test_a_charge_is_on_the_first_banking_day_from_the_period_on(period):
    charged = charge_date(period)
    assert is_banking_day(charged)
    assert not any(is_banking_day(period + timedelta(days=n)) for n in range((charged - period).days))


@given(starts, frequencies, st.integers(0, 800), st.integers(0, 5))
def test_the_list_is_every_period_up_to_the_end_and_none_after_it(start, frequency, days, first):
    end = start + timedelta(days=days)
    found = list(period_dates(start, frequency, end=end, first=first))
    assert [number for number, _ in found] == list(range(first, first + len(found)))
    assert all(period <= end for _, period in found)
    assert period_date(start, frequency, first + len(found)) > end


def test_a_charge_is_due_at_half_past_eight_in_new_york_in_summer_and_in_winter():
    # daylight saving time begins on 2027-03-14 and ends on 2027-11-07
    assert [opening_of_business(date(2027, 3, day)).hour for day in (12, 15)] == [13, 12]
    assert [opening_of_business(date(2027, 11, day)).hour for day in (5, 8)] == [12, 13]


def test_there_is_no_period_before_the_first():
    with pytest.raises(ValueError, match="from 0"):
        period_date(date(2027, 1, 1), Frequency.WEEKLY, -1)
