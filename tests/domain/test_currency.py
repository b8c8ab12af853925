"""Currencies exist or not, and know how many decimal places they have."""

import pytest

from domain.currency import decimal_places, is_currency


@pytest.mark.parametrize(("code", "places"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_real_currencies_know_their_decimal_places(code, places):
    assert is_currency(code)
    assert decimal_places(code) == places


@pytest.mark.parametrize("code", ["", "usd", "ZZZ", "XTS", "US"])
def test_other_codes_are_not_currencies(code):
    assert not is_currency(code)
    with pytest.raises(KeyError):
        decimal_places(code)
