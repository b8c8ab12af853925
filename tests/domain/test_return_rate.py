"""Return rates: whole numbers, exact at the lines."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.return_rate import LEVELS, Rate, RateName, Standing

NAMES = st.sampled_from(list(RateName))
COUNTS = st.integers(min_value=0, max_value=1_000_000)


@given(NAMES, COUNTS, COUNTS, st.integers(min_value=0, max_value=500))
def test_the_standing_is_what_exact_fractions_say(name, returned, originated, minimum):
    rate = Rate(name, returned, originated, minimum)
    if originated < max(minimum, 1):
        assert rate.standing is Standing.TOO_FEW
        return
    share, level = Fraction(returned, originated), Fraction(LEVELS[name], 10_000)
    expected = (
        Standing.ABOVE if share >= level else Standing.ALERT if share >= level * Fraction(6, 10) else Standing.BELOW
    )
    assert rate.standing is expected


@given(NAMES, COUNTS, st.integers(min_value=1, max_value=1_000_000))
def test_the_percentage_is_the_digits_of_the_fraction(name, returned, originated):
    text = Rate(name, returned, originated, 0).percent
    assert text is not None
    exact = Fraction(returned * 100, originated)
    assert Fraction(text) <= exact < Fraction(text) + Fraction(1, 10_000)


@given(NAMES, COUNTS, st.integers(min_value=1, max_value=1_000_000))
def test_one_more_return_never_looks_better(name, returned, originated):
    order = [Standing.BELOW, Standing.ALERT, Standing.ABOVE]
    one, more = (Rate(name, count, originated, 0).standing for count in (returned, returned + 1))
    assert order.index(one) <= order.index(more)


@pytest.mark.parametrize(
    ("name", "returned", "standing", "percent"),
    [
        (RateName.UNAUTHORIZED, 2, Standing.BELOW, "0.2000"),
        (RateName.UNAUTHORIZED, 3, Standing.ALERT, "0.3000"),
        (RateName.UNAUTHORIZED, 5, Standing.ABOVE, "0.5000"),
        (RateName.ADMINISTRATIVE, 17, Standing.BELOW, "1.7000"),
        (RateName.ADMINISTRATIVE, 18, Standing.ALERT, "1.8000"),
        (RateName.ADMINISTRATIVE, 30, Standing.ABOVE, "3.0000"),
        (RateName.OVERALL, 89, Standing.BELOW, "8.9000"),
        (RateName.OVERALL, 90, Standing.ALERT, "9.0000"),
        (RateName.OVERALL, 150, Standing.ABOVE, "15.0000"),
    ],
)
def test_the_lines_of_a_thousand_debits(name, returned, standing, percent):
    rate = Rate(name, returned, 1_000, 100)
    assert (rate.standing, rate.percent) == (standing, percent)


def test_too_few_debits_prove_nothing():
    assert Rate(RateName.UNAUTHORIZED, 3, 99, 100).standing is Standing.TOO_FEW
    assert Rate(RateName.UNAUTHORIZED, 0, 0, 0).percent is None
