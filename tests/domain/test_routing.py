"""A routing number is accepted exactly when a naive reading of the rule accepts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.routing import is_routing_number, require_routing_number


def naive(text: str) -> bool:
    if len(text) != 9 or any(character not in "0123456789" for character in text) or text == "0" * 9:
        return False
    d = [int(character) for character in text]
    if (3 * (d[0] + d[3] + d[6]) + 7 * (d[1] + d[4] + d[7]) + d[2] + d[5] + d[8]) % 10 != 0:
        return False
    prefix = d[0] * 10 + d[1]
    return 1 <= prefix <= 12 or 21 <= prefix <= 32 or 61 <= prefix <= 72


@given(st.integers(0, 10**9 - 1), st.booleans())
def test_accepts_what_the_rule_accepts(number, mend_check_digit):
    text = f"{number:09}"
    if mend_check_digit:
        text = next(text[:8] + last for last in "0123456789" if weighted_sum_is_round(text[:8] + last))
    assert is_routing_number(text) == naive(text)


def weighted_sum_is_round(text: str) -> bool:
    return sum(int(c) * w for c, w in zip(text, [3, 7, 1] * 3, strict=True)) % 10 == 0


@pytest.mark.parametrize("prefix", range(100))
def test_only_assigned_prefixes_are_accepted(prefix):
    numbers = [f"{prefix:02}000001{last}" for last in range(10)]
    assert sum(map(is_routing_number, numbers)) == (prefix in {*range(1, 13), *range(21, 33), *range(61, 73)})


@given(st.text(max_size=12))
def test_accepts_no_other_text(text):
    assert is_routing_number(text) == naive(text)


@pytest.mark.parametrize("text", ["011000015", "021000021", "322271627"])
def test_real_banks_are_accepted(text):
    assert require_routing_number(text, field="routing_number") == text


@pytest.mark.parametrize("text", ["000000000", "500000005", "021000022", "٠٢١٠٠٠٠٢١", " 021000021", "021000021\n", ""])
def test_what_names_no_bank_is_refused_with_its_field(text):
    with pytest.raises(InvalidInput) as refusal:
        require_routing_number(text, field="/routing_number")
    assert (refusal.value.field, refusal.value.code) == ("/routing_number", "invalid_routing_number")


@given(st.sampled_from(["011000015", "021000021"]), st.integers(0, 8), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(text, position, change):
    wrong = text[:position] + str((int(text[position]) + change) % 10) + text[position + 1 :]
    assert not is_routing_number(wrong)
