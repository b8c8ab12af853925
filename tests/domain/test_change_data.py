"""Corrected data is read by column: every layout, alone and inside its addenda record."""

import pytest

from domain.bank_account import AccountType
from domain.change_data import ChangeData, read_change
from domain.errors import InvalidInput

LONG = "12345678901234567"  # fills the field: no blank to split at
ROUTING = "011000015"

GOOD = {
    "C01": (f"{LONG:<17}", {"account": LONG}),
    "C02": (ROUTING, {"routing": ROUTING}),
    "C03": (f"{ROUTING}   {LONG}", {"routing": ROUTING, "account": LONG}),
    "C05": ("32", {"type": "savings"}),
    "C06": (f"{'1234':<17}   27", {"account": "1234", "type": "checking"}),
    "C07": (f"{ROUTING}{LONG}37", {"routing": ROUTING, "account": LONG, "type": "savings"}),
}
KEPT = {"C04": "KELLER MARIA", "C08": "DEUTDEFF", "C09": "ID 4711"}


def addenda(code: str, data: str) -> str:
    record = f"798{code}{'091000010000001':<15}{'':6}{'01100001':<8}{data:<29}{'':15}{'091000010000002':<15}"
    assert len(record) == 94
    assert record[35:64] == f"{data:<29}"
    return record


def shown(change: ChangeData) -> dict[str, str]:
    found: dict[str, str] = {}
    if change.routing_number is not None:
        found["routing"] = change.routing_number
    if change.account_number is not None:
        found["account"] = change.account_number.reveal()
    if change.account_type is not None:
        found["type"] = change.account_type.value
    return found


@pytest.mark.parametrize("code", sorted(GOOD))
@pytest.mark.parametrize("form", ["alone", "padded", "embedded"])
def test_every_layout_is_read_by_column(code, form):
    data, expected = GOOD[code]
    text = {"alone": data, "padded": f"{data:<29}", "embedded": addenda(code, data)}[form]
    change = read_change(code, text)
    assert shown(change) == expected
    assert change.needs_token


@pytest.mark.parametrize("code", sorted(KEPT))
def test_what_no_token_speaks_of_is_read_and_kept(code):
    for text in (KEPT[code], addenda(code, KEPT[code])):
        change = read_change(code, text)
        assert change.text == KEPT[code]
        assert not change.needs_token


@pytest.mark.parametrize("kind", ["22", "23", "27", "28"])
def test_codes_of_checking(kind):
    assert read_change("C05", kind).account_type is AccountType.CHECKING


@pytest.mark.parametrize("kind", ["32", "33", "37", "38"])
def test_codes_of_savings(kind):
    assert read_change("C05", kind).account_type is AccountType.SAVINGS


@pytest.mark.parametrize(
    ("code", "data", "error"),
    [
        ("C02", "011000016", "invalid_routing_number"),
        ("C02", "", "change_malformed"),
        ("C01", "", "change_malformed"),
        ("C01", "12A4", "invalid_account_number"),
        ("C01", f"{LONG}   22", "change_malformed"),
        ("C03", f"{ROUTING}{LONG}", "change_malformed"),
        ("C03", ROUTING, "change_malformed"),
        ("C05", "42", "change_malformed"),
        ("C05", "22 32", "change_malformed"),
        ("C06", f"{'1234':<17}27", "change_malformed"),
        ("C07", f"{ROUTING}{LONG}99", "change_malformed"),
        ("C07", f"{ROUTING} {LONG} 27", "change_malformed"),
        ("C01", "1" * 30, "change_malformed"),
        ("C13", "", "change_not_applicable"),
        ("C61", LONG, "change_not_applicable"),
        ("C99", LONG, "change_not_applicable"),
    ],
)
def test_what_cannot_be_right_is_refused_and_not_repeated(code, data, error):
    with pytest.raises(InvalidInput) as refused:
        read_change(code, data)
    assert refused.value.code == error
    assert not data.strip() or data.strip() not in str(refused.value)


def test_an_addenda_record_of_another_code_is_refused():
    with pytest.raises(InvalidInput):
        read_change("C01", addenda("C02", ROUTING))


def test_nothing_of_it_is_printed():
    change = read_change("C07", f"{ROUTING}{LONG}37")
    assert LONG not in repr(change)
    assert "4711" not in repr(read_change("C09", "ID 4711"))
