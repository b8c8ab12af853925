"""Miles times the rate of the day, to the cent."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput, StateConflict
from domain.mileage import (
    OWN_RATE,
    OwnRate,
    mileage_amount,
    parse_cents,
    parse_miles,
    published_rates,
    rate_on,
    show_cents,
    show_miles,
)

DISTANCES = st.integers(0, 99_999_999)
RATES = st.integers(1, 10_000)


@given(DISTANCES, RATES)
def test_the_amount_is_the_exact_product_with_half_a_cent_rounded_up(distance: int, rate: int) -> None:
    exact = Decimal(show_miles(distance)) * Decimal(show_cents(rate))
    assert mileage_amount(distance, rate) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(DISTANCES, DISTANCES, RATES)
def test_a_longer_way_never_pays_less_and_splitting_it_gains_at_most_a_cent(one: int, two: int, rate: int) -> None:
    whole = mileage_amount(one + two, rate)
    assert whole >= max(mileage_amount(one, rate), mileage_amount(two, rate))
    assert abs(mileage_amount(one, rate) + mileage_amount(two, rate) - whole) <= 1


@pytest.mark.parametrize(
    ("miles", "cents", "amount"),
    [
        ("1", "72.5", 73),
        ("0.99", "72.5", 72),
        ("10", "72.5", 725),
        ("12.34", "67", 827),
        ("0.01", "50", 1),
        ("0.01", "49.9", 0),
        ("100.02", "62.5", 6_251),
    ],
)
def test_known_amounts(miles: str, cents: str, amount: int) -> None:
    assert mileage_amount(parse_miles(miles), parse_cents(cents)) == amount


@given(DISTANCES)
def test_a_distance_is_read_as_it_is_shown(distance: int) -> None:
    assert parse_miles(show_miles(distance)) == distance


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.234", "1.", ".5", "1e3", "01", "1,5", "1000000", "٣", "NaN", " 1"])
def test_what_is_no_distance_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_miles(text)


@pytest.mark.parametrize("text", ["", "0", "0.0", "-1", "72.55", "1000", "72,5"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_cents(text)


def test_published_rates_follow_each_other_without_a_gap() -> None:
    rates = published_rates()
    for one, following in pairwise(rates):
        assert one.effective_from <= one.effective_through
        assert following.effective_from == one.effective_through + timedelta(days=1)
    assert all(rate.rate.source.startswith("IRS ") for rate in rates)


@pytest.mark.parametrize(
    ("day", "tenths"),
    [
        (date(2022, 6, 30), 585),
        (date(2022, 7, 1), 625),
        (date(2024, 12, 31), 670),
        (date(2025, 1, 1), 700),
        (date(2026, 12, 31), 725),
    ],
)
def test_the_day_of_travel_decides(day: date, tenths: int) -> None:
    assert rate_on(day, []).tenths_of_a_cent == tenths


@pytest.mark.parametrize("day", [date(2018, 12, 31), date(2027, 1, 1)])
def test_a_day_without_a_notice_has_no_rate(day: date) -> None:
    with pytest.raises(StateConflict, match="no mileage rate"):
        rate_on(day, [])


def test_an_own_rate_stands_before_the_published_one_until_it_is_taken_back() -> None:
    own = [
        OwnRate(date(2026, 3, 1), 400),
        OwnRate(date(2026, 3, 1), 350),
        OwnRate(date(2026, 9, 1), None),
    ]
    assert rate_on(date(2026, 2, 28), own).tenths_of_a_cent == 725
    corrected = rate_on(date(2026, 3, 1), own)
    assert (corrected.tenths_of_a_cent, corrected.source) == (350, OWN_RATE)
    assert rate_on(date(2026, 9, 1), own).source == "IRS Notice 2026-10"
