"""The childcare programme's rules of money, months and names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.childcare_budget import Budget, price_of_day
from domain.childcare_limits import (
    require_allocatable,
    require_allocation,
    require_days,
    require_payable,
    require_rate,
)
from domain.childcare_month import following, month_of
from domain.childcare_name import LONGEST, cut_name
from domain.errors import BursarError
from domain.provider_method import ProviderMethod, require_payable_to

CAP = 140_000
DAYS = {"days": "days", "half_days": "half_days"}


@pytest.mark.parametrize("cents", [100, 16_000])
def test_a_rate_is_between_one_and_a_hundred_and_sixty_dollars(cents: int) -> None:
    require_rate(cents, field="full_day")


@pytest.mark.parametrize("cents", [99, 16_001, 0, -100])
def test_other_rates_are_refused_and_name_their_field(cents: int) -> None:
    with pytest.raises(BursarError) as refused:
        require_rate(cents, field="full_day")
    assert (refused.value.code, refused.value.field) == ("rate_out_of_range", "full_day")


def test_an_allocation_is_nothing_or_more_up_to_the_cap() -> None:
    require_allocation(0, CAP, field="amount")
    require_allocation(CAP, CAP, field="amount")
    for cents, code in ((-1, "invalid_amount"), (CAP + 1, "above_cap")):
        with pytest.raises(BursarError) as refused:
            require_allocation(cents, CAP, field="amount")
        assert refused.value.code == code


def test_a_payment_or_lump_sum_is_more_than_nothing_up_to_the_cap() -> None:
    require_payable(1, CAP, field="amount")
    require_payable(CAP, CAP, field="amount")
    for cents in (0, -1, CAP + 1):
        with pytest.raises(BursarError):
            require_payable(cents, CAP, field="amount")


@pytest.mark.parametrize(
    ("days", "half_days", "fits"), [(1, 0, True), (0, 31, True), (0, 0, False), (32, 0, False), (0, -1, False)]
)
def test_a_lump_sum_is_for_days_or_half_days_of_a_month(days: int, half_days: int, *, fits: bool) -> None:
    if fits:
        require_days(days, half_days, fields=DAYS)
    else:
        with pytest.raises(BursarError):
            require_days(days, half_days, fields=DAYS)


@pytest.mark.parametrize(
    ("month", "code"),
    [
        (date(2025, 12, 1), None),
        (date(2026, 1, 1), None),
        (date(2026, 2, 1), "month_not_open"),
        (date(2025, 11, 1), "month_not_open"),
        (date(2025, 12, 2), "invalid_month"),
    ],
)
def test_only_this_month_and_the_next_can_be_allocated(month: date, code: str | None) -> None:
    today = date(2025, 12, 31)
    if code is None:
        require_allocatable(month, today, field="month")
    else:
        with pytest.raises(BursarError) as refused:
            require_allocatable(month, today, field="month")
        assert refused.value.code == code


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_the_following_month_begins_the_day_after_the_last_of_this_one(day: date) -> None:
    month = month_of(day)
    assert month <= day < following(month)
    assert 28 <= (following(month) - month).days <= 31


@given(st.text("abc XYZ", max_size=40), st.text("abc XYZ", max_size=40))
def test_a_name_fits_what_chek_takes(first: str, last: str) -> None:
    cut_first, cut_last = cut_name(first, last)
    assert len(f"{cut_first} {cut_last}") <= LONGEST or not cut_last
    assert len(cut_first) <= LONGEST
    assert " ".join(first.split()).startswith(cut_first)
    assert " ".join(last.split()).startswith(cut_last)
    assert bool(cut_last) == bool(last.strip()), "the last name keeps its initial"


@pytest.mark.parametrize(
    ("first", "last", "cut"),
    [
        ("Maria", "Keller", ("Maria", "Keller")),
        ("Maria", "Montgomery-Featherstone", ("Maria", "Montgomery-Feather")),
        ("Maximiliana-Alexandra-Sophia", "Keller", ("Maximiliana-Alexandra-", "K")),
        ("Abcdefghijkl", "Abcdefghijk", ("Abcdefghijkl", "Abcdefghijk")),
    ],
)
def test_a_long_name_is_cut_last_name_first(first: str, last: str, cut: tuple[str, str]) -> None:
    assert cut_name(first, last) == cut


@given(st.integers(100, 16_000), st.integers(0, 200_000))
def test_a_day_costs_its_rate_or_what_is_left_and_the_parts_make_the_rate(rate: int, remaining: int) -> None:
    price = price_of_day(rate, remaining)
    if remaining == 0:
        assert price is None
    else:
        assert price is not None
        assert 0 < price.amount <= remaining
        assert price.amount + price.missing == rate
        assert price.missing == 0 or price.amount == remaining


def test_a_budget_under_the_programmes_names() -> None:
    budget = Budget(allocation=100_000, reclaimed=10_000, selected=60_000, paid=20_000)
    assert (budget.net, budget.remaining_unselected, budget.remaining_unpaid) == (90_000, 30_000, 70_000)


@pytest.mark.parametrize(("selected", "paid", "reclaimed"), [(101, 0, 0), (0, 101, 0), (60, 0, 41), (-1, 0, 0)])
def test_a_budget_promises_and_pays_no_more_than_there_is(selected: int, paid: int, reclaimed: int) -> None:
    with pytest.raises(ValueError, match=r"budget|allocated"):
        Budget(allocation=100, reclaimed=reclaimed, selected=selected, paid=paid)


@pytest.mark.parametrize(
    ("by", "changes", "code"),
    [
        ("ach", {}, None),
        ("card", {}, None),
        ("ach", {"direct_pay_id": None, "direct_pay_status": "Invited"}, "method_missing"),
        ("ach", {"direct_pay_status": "Inactive"}, "method_inactive"),
        ("ach", {"direct_pay_status": "active"}, "method_inactive"),
        ("card", {"card_id": None}, "method_missing"),
        ("card", {"card_status": "Pending"}, "method_inactive"),
    ],
)
def test_only_an_active_account_or_card_with_an_id_is_paid_to(
    by: str, changes: dict[str, str], code: str | None
) -> None:
    whole = {
        "chek_user_id": "1",
        "direct_pay_id": "d",
        "direct_pay_status": "Active",
        "card_id": "c",
        "card_status": "Active",
    }
    method = ProviderMethod.of({**whole, **changes})
    if code is None:
        require_payable_to(method, by)
        return
    with pytest.raises(BursarError) as refused:
        require_payable_to(method, by)
    assert (refused.value.code, refused.value.who_must_act) == (code, "payee")
