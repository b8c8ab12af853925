"""Money is whole minor units of one currency; nothing is lost, made or mixed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR_UNITS, Money

minor_units = st.integers(-(10**15), 10**15)
currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD"])


@given(minor_units, currencies)
def test_an_amount_reads_back_from_its_own_text(units, currency):
    money = Money(units, currency)
    assert Money.parse(money.decimal_text(), currency, field="amount") == money


@given(minor_units, currencies)
def test_the_decimal_text_is_the_exact_value(units, currency):
    places = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}[currency]
    assert Decimal(Money(units, currency).decimal_text()) == Decimal(units).scaleb(-places)


@pytest.mark.parametrize(
    ("text", "units"),
    [("12.34", 1234), ("0.05", 5), ("0", 0), ("7", 700), ("7.5", 750), ("-0.01", -1), ("128.14", 12814)],
)
def test_decimal_strings_are_read_to_the_cent(text, units):
    assert Money.parse(text, "USD", field="amount") == Money(units, "USD")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "+1",
        "1.234",
        "1.",
        ".5",
        "01",
        "1e3",
        "1,000.00",
        "NaN",
        "Infinity",
        "--1",
        "٣",
        "1\n",
        "9" * 40,
    ],
)
def test_anything_but_a_plain_decimal_is_refused_and_the_field_is_named(text):
    with pytest.raises(InvalidInput) as refusal:
        Money.parse(text, "USD", field="/amount")
    assert refusal.value.field == "/amount"
    assert refusal.value.code == "invalid_amount"


def test_an_amount_that_no_column_can_hold_is_refused():
    assert Money.parse("92233720368547758.07", "USD", field="amount").minor_units == LARGEST_MINOR_UNITS
    with pytest.raises(InvalidInput):
        Money.parse("92233720368547758.08", "USD", field="amount")
    with pytest.raises(ValueError, match="too large"):
        Money(LARGEST_MINOR_UNITS, "USD") + Money(1, "USD")


@pytest.mark.parametrize("value", [1.0, True, "1", None, Decimal(1)])
def test_only_a_whole_number_makes_an_amount(value):
    with pytest.raises(TypeError):
        Money(value, "USD")


@pytest.mark.parametrize("code", ["usd", "US", "XXX", "", "USDT"])
def test_only_a_real_currency_makes_an_amount(code):
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, code)
    with pytest.raises(InvalidInput):
        Money.parse("1", code, field="currency")


def test_currencies_do_not_mix():
    dollar, euro = Money(100, "USD"), Money(100, "EUR")
    for mixing in (
        lambda: dollar + euro,
        lambda: dollar - euro,
        lambda: dollar < euro,
        lambda: dollar <= euro,
        lambda: dollar > euro,
        lambda: dollar >= euro,
    ):
        with pytest.raises(ValueError, match="do not mix"):
            mixing()
    assert dollar != euro


@given(minor_units, minor_units)
def test_sums_and_order_are_those_of_the_minor_units(a, b):
    left, right = Money(a, "USD"), Money(b, "USD")
    assert (left + right - right, -(left - left)) == (left, Money(0, "USD"))
    assert (left < right, left <= right, left > right, left >= right) == (a < b, a <= b, a > b, a >= b)
    assert Money.total([left, right, left], "USD").minor_units == 2 * a + b
    assert bool(left) == (a != 0)


def test_multiplying_by_a_fraction_is_not_offered():
    assert Money(250, "USD") * 3 == Money(750, "USD")
    with pytest.raises(TypeError):
        Money(250, "USD") * 0.5  # type: ignore[operator]


weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=20).filter(any)


@given(minor_units, weights)
def test_allocating_loses_nothing_and_gives_each_part_its_share_within_one_unit(units, parts):
    money = Money(units, "USD")
    shares = money.allocate(parts)
    assert Money.total(shares, "USD") == money
    for share, weight in zip(shares, parts, strict=True):
        assert abs(Decimal(share.minor_units) - Decimal(units) * weight / sum(parts)) < 1
        assert weight or not share


def test_the_odd_cents_go_to_the_parts_that_lost_most_then_to_the_first():
    assert [part.minor_units for part in Money(100, "USD").allocate([1, 1, 1])] == [34, 33, 33]
    assert [part.minor_units for part in Money(-100, "USD").allocate([1, 1, 1])] == [-34, -33, -33]
    assert [part.minor_units for part in Money(5, "USD").allocate([3, 7])] == [2, 3]


@pytest.mark.parametrize("bad", [[], [0, 0], [2, -1]])
def test_weights_must_make_sense(bad):
    with pytest.raises(ValueError, match="weights"):
        Money(100, "USD").allocate(bad)


@given(minor_units, st.integers(0, 31), st.integers(1, 31))
def test_a_prorated_share_is_the_nearest_unit(units, numerator, denominator):
    share = Money(units, "USD").prorate(numerator, denominator).minor_units
    assert abs(2 * (share * denominator - units * numerator)) <= denominator


@pytest.mark.parametrize(("units", "expected"), [(1, 1), (3, 2), (-1, -1), (-3, -2)])
def test_half_a_unit_rounds_away_from_zero(units, expected):
    assert Money(units, "USD").prorate(1, 2).minor_units == expected


def test_people_read_the_amount_with_its_currency():
    assert [str(Money(*amount)) for amount in ((1230, "USD"), (-5, "USD"), (1230, "JPY"))] == [
        "12.30 USD",
        "-0.05 USD",
        "1230 JPY",
    ]
