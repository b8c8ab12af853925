"""Account numbers are held, compared and abbreviated, but never shown."""

import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bank_account import AccountNumber, AccountType, BankAccount
from domain.errors import InvalidInput

digits = st.text("0123456789", min_size=4, max_size=17)


@given(digits)
def test_printing_never_shows_more_than_half_of_the_digits(text):
    number = AccountNumber(text)
    account = BankAccount("021000021", number, AccountType.CHECKING)
    assert f"{number} {number!s} {number!r} {[number]}" == "*** *** *** [***]"
    assert text not in repr(account).replace("021000021", "")
    assert len(number.last_four) == 4
    shown = number.last_four.lstrip("*")
    assert text.endswith(shown)
    assert len(shown) <= len(text) / 2


@pytest.mark.parametrize(
    ("text", "shown"), [("1234567890", "7890"), ("12345678", "5678"), ("12345", "**45"), ("1234", "**34")]
)
def test_last_four_is_what_people_see(text, shown):
    assert AccountNumber(text).last_four == shown


@given(digits, digits)
def test_two_numbers_are_equal_when_their_digits_are(one, other):
    assert (AccountNumber(one) == AccountNumber(other)) == (one == other)
    assert len({AccountNumber(one), AccountNumber(one)}) == 1
    assert AccountNumber(one) != one
    assert AccountNumber(one).reveal() == one


@pytest.mark.parametrize("text", ["", "123", "1" * 18, "12a4", "12 34", "-1234", "1234\n", "١٢٣٤٥"])
def test_anything_else_is_refused_without_repeating_it(text):
    with pytest.raises(InvalidInput) as refusal:
        AccountNumber(text, field="/account_number")
    assert refusal.value.field == "/account_number"
    assert str(refusal.value) == "Must be 4 to 17 digits."
    assert refusal.value.__cause__ is None
    assert "1234\n" not in "".join(traceback.format_exception_only(refusal.value))


def test_an_account_number_does_not_travel_by_pickle_or_copy():
    for travel in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            travel(AccountNumber("1234567890"))


def test_an_account_needs_a_bank():
    with pytest.raises(InvalidInput):
        BankAccount("021000022", AccountNumber("1234567890"), AccountType.SAVINGS)
