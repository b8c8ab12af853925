"""Week locks, shares of the first month, parties and attendance of the childcare programme."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attendance import Missing, missing, require_days_of_week, require_entered, require_week
from domain.childcare_limits import require_allocatable
from domain.childcare_party import Party, require_own
from domain.childcare_share import share_of_month
from domain.childcare_week import is_locked, lock_of, week_of
from domain.errors import BursarError, NotFound
from domain.money import Money

DENVER = "America/Denver"
NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("day", "locked_after"),
    [
        # the week in which summer time begins (Sunday 8 March 2026): its Monday is still winter, the next one summer
        (date(2026, 3, 2), datetime(2026, 3, 3, 6, 59, 59, tzinfo=UTC)),
        (date(2026, 3, 8), datetime(2026, 3, 3, 6, 59, 59, tzinfo=UTC)),
        (date(2026, 3, 9), datetime(2026, 3, 10, 5, 59, 59, tzinfo=UTC)),
        # and in which it ends (Sunday 1 November 2026)
        (date(2026, 11, 1), datetime(2026, 10, 27, 5, 59, 59, tzinfo=UTC)),
        (date(2026, 11, 2), datetime(2026, 11, 3, 6, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_week_locks_after_the_last_second_of_its_monday_by_the_programmes_clocks(
    day: date, locked_after: datetime
) -> None:
    assert lock_of(day, DENVER) == locked_after
    assert not is_locked(day, DENVER, locked_after)
    assert is_locked(day, DENVER, locked_after + SECOND)


def test_a_monday_that_ends_twice_locks_at_its_second_end() -> None:
    # Lima put its clocks back from Monday 24:00 to 23:00: 23:59:59 came at 03:59:59 and again at 04:59:59 UTC
    assert lock_of(date(1986, 3, 31), "America/Lima") == datetime(1986, 4, 1, 4, 59, 59, tzinfo=UTC)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_all_days_of_a_week_lock_together_and_no_past_day_is_open(day: date) -> None:
    assert {lock_of(week_of(day) + timedelta(days=n), DENVER) for n in range(7)} == {lock_of(day, DENVER)}
    next_day = lock_of(day + timedelta(days=1), DENVER)
    assert next_day >= lock_of(day, DENVER)
    # a day that lies behind is locked, or this is the Monday of its own week
    morning = lock_of(day, DENVER) + timedelta(days=1)
    assert is_locked(day, DENVER, morning)


def usd(cents: int) -> Money:
    return Money(cents, "USD")


@pytest.mark.parametrize(
    ("starts_on", "month", "cents", "basis"),
    [
        (None, NOVEMBER, 100_000, "whole"),
        (date(2025, 10, 15), NOVEMBER, 100_000, "whole"),
        (date(2025, 11, 1), NOVEMBER, 100_000, "whole"),
        (date(2025, 11, 16), NOVEMBER, 50_000, "prorated"),
        (date(2025, 11, 30), NOVEMBER, 3_333, "prorated"),
        (date(2025, 11, 11), NOVEMBER, 66_667, "prorated"),
        (date(2025, 11, 16), DECEMBER, 100_000, "whole"),
    ],
)
def test_the_first_month_is_the_days_left_over_the_days_of_the_month(
    starts_on: date | None, month: date, cents: int, basis: str
) -> None:
    share = share_of_month(usd(100_000), None, starts_on, month)
    assert (share.money.minor_units, share.basis) == (cents, basis)


def test_half_a_cent_is_rounded_up() -> None:
    assert share_of_month(usd(1), None, date(2025, 11, 16), NOVEMBER).money == usd(1)
    assert share_of_month(usd(3), None, date(2025, 11, 16), NOVEMBER).money == usd(2)


def test_what_staff_set_for_the_first_month_counts_for_that_month_only() -> None:
    first = share_of_month(usd(100_000), usd(0), date(2025, 11, 16), NOVEMBER)
    assert (first.money, first.basis) == (usd(0), "first_month")
    assert share_of_month(usd(100_000), usd(0), date(2025, 11, 16), DECEMBER).money == usd(100_000)


def test_nothing_is_given_before_care_starts() -> None:
    with pytest.raises(BursarError) as refused:
        share_of_month(usd(100_000), None, date(2025, 12, 2), NOVEMBER)
    assert refused.value.code == "before_start"


@given(st.integers(0, 140_000), st.integers(1, 28))
def test_a_share_is_never_more_than_the_month(monthly: int, day: int) -> None:
    share = share_of_month(usd(monthly), None, date(2026, 2, day), date(2026, 2, 1))
    assert 0 <= share.money.minor_units <= monthly


@given(st.integers(0, 140_000))
def test_no_decimal_amount_loses_a_cent(cents: int) -> None:
    assert Money.parse(f"{cents // 100}.{cents % 100:02d}", "USD", field="monthly_amount") == usd(cents)


def test_a_programme_that_has_ended_allocates_no_further_month() -> None:
    require_allocatable(NOVEMBER, date(2025, 11, 3), NOVEMBER, field="month")
    with pytest.raises(BursarError) as refused:
        require_allocatable(DECEMBER, date(2025, 11, 3), NOVEMBER, field="month")
    assert refused.value.code == "program_ended"


def test_what_is_not_ones_own_is_not_found() -> None:
    mine, other = UUID(int=1), UUID(int=2)
    require_own(None, {"family_id": other}, "care day")
    require_own(Party("family", mine), {"family_id": mine}, "care day")
    for party in (Party("family", mine), Party("provider", other)):
        with pytest.raises(NotFound):
            require_own(party, {"family_id": other}, "care day")


MONDAY = date(2025, 11, 17)
ENTERED = {"family_entered_at": MONDAY, "provider_entered_at": MONDAY}
EMPTY = {"family_entered_at": None, "provider_entered_at": None}


def test_a_family_enters_a_week_that_is_over_and_a_provider_has_a_week_longer() -> None:
    last, before = MONDAY - timedelta(days=7), MONDAY - timedelta(days=14)
    weeks = {MONDAY: None, last: None, before: EMPTY}
    assert missing(weeks, MONDAY + timedelta(days=6), provider_asked=True) == [
        Missing(before, "family"),
        Missing(before, "provider"),
        Missing(last, "family"),
    ]
    assert [item.side for item in missing(weeks, MONDAY, provider_asked=False)] == ["family", "family"]
    assert missing({before: ENTERED}, MONDAY, provider_asked=True) == []


def test_overdue_attendance_says_who_must_enter_it() -> None:
    require_entered([])
    for week, who in ((Missing(MONDAY, "family"), "caller"), (Missing(MONDAY, "provider"), "payee")):
        with pytest.raises(BursarError) as refused:
            require_entered([week])
        assert (refused.value.code, refused.value.who_must_act) == ("attendance_overdue", who)


def test_a_week_is_entered_by_its_monday_once_it_has_begun_and_has_seven_days() -> None:
    require_week(MONDAY, MONDAY)
    for week, code in ((MONDAY + timedelta(days=1), "invalid_week"), (MONDAY + timedelta(days=7), "week_not_begun")):
        with pytest.raises(BursarError) as refused:
            require_week(week, MONDAY)
        assert refused.value.code == code
    require_days_of_week(0, 0)
    require_days_of_week(4, 3)
    for full, half in ((5, 3), (-1, 0)):
        with pytest.raises(BursarError):
            require_days_of_week(full, half)
