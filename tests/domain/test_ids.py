"""Ids have one written form per noun and sort by the time they were made."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.ids import new_id, parse_public_id, public_id


@given(st.uuids())
def test_a_public_id_reads_back(value):
    assert parse_public_id("pay", public_id("pay", value), field="id") == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pay",
        "pay_",
        "org_0193bd4d7c2a7000800000000000000a",
        "pay_0193BD4D7C2A7000800000000000000A",
        "pay_0193bd4d-7c2a-7000-8000-00000000000a",
        "pay_0193bd4d7c2a7000800000000000000a\n",
        "pay_0193bd4d7c2a7000800000000000000",
        "0193bd4d7c2a7000800000000000000a",
    ],
)
def test_any_other_form_is_refused_with_its_field(text):
    with pytest.raises(InvalidInput) as refusal:
        parse_public_id("pay", text, field="/payment_id")
    assert refusal.value.field == "/payment_id"


@pytest.mark.parametrize("prefix", ["", "p", "Pay", "pay_ment", "muchtoolongprefix"])
def test_prefixes_are_short_lower_case_words(prefix):
    with pytest.raises(ValueError, match="prefix"):
        public_id(prefix, new_id())


def test_new_ids_are_version_seven_in_order_and_unlike():
    made = [new_id() for _ in range(1000)]
    assert all(isinstance(value, UUID) and value.version == 7 for value in made)
    assert made == sorted(made)
    assert len(set(made)) == 1000
