"""Banking days of the Federal Reserve, and the instants and deadlines counted in them.

Monday to Friday but for eleven holidays. A holiday on a Sunday closes the Monday after it; a holiday on a Saturday
closes nothing. Most calendars close the Friday before instead, which is wrong for ACH. Windows are in New York time.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")

OPENING_OF_BUSINESS = time(8, 30)
"""When a banking day opens, New York: FedACH settles the night's entries and returns at 8:30."""

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def closures(year: int) -> frozenset[date]:
    """The weekdays of a year on which the Federal Reserve is closed."""
    fixed = [date(year, month, day) for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))]
    moving = {
        _nth_weekday(year, 1, _MONDAY, 3),  # Martin Luther King
        _nth_weekday(year, 2, _MONDAY, 3),  # Washington's birthday
        _nth_weekday(year, 6, _MONDAY, 1) - timedelta(weeks=1),  # Memorial Day, the last Monday of May
        _nth_weekday(year, 9, _MONDAY, 1),  # Labor Day
        _nth_weekday(year, 10, _MONDAY, 2),  # Columbus Day
        _nth_weekday(year, 11, _THURSDAY, 4),  # Thanksgiving
    }
    observed = {day + _DAY if day.weekday() == _SUNDAY else day for day in fixed if day.weekday() != _SATURDAY}
    return frozenset(observed | moving)


def is_banking_day(day: date) -> bool:
    """Whether banks settle on this date."""
    return day.weekday() < _SATURDAY and day not in closures(day.year)


def next_banking_day(day: date) -> date:
    """The first banking day after this date."""
    return add_banking_days(day, 1)


def banking_day_on_or_after(day: date) -> date:
    """This date when banks settle on it, else the next one on which they do."""
    return day if is_banking_day(day) else next_banking_day(day)


def add_banking_days(day: date, count: int) -> date:
    """The count-th banking day after this date, which itself may be any day and is never counted."""
    if count < 1:
        raise ValueError("count banking days from one on")
    while count:
        day += _DAY
        count -= is_banking_day(day)
    return day


def prenote_live_date(settlement: date) -> date:
    """The first date for a live entry after a prenote: the 3rd banking day after the prenote's settlement date."""
    return add_banking_days(settlement, 3)


def two_day_return_deadline(settlement: date) -> date:
    """The date by whose opening of business a 2-banking-day return (R01 to R04 and most others) reaches us."""
    return add_banking_days(settlement, 2)


def consumer_return_deadline(settlement: date) -> date:
    """The date by whose opening of business a consumer's return (R05, R07, R10, R11) reaches us: after the 60th day."""
    return next_banking_day(settlement + timedelta(days=60))


def reversal_deadline(settlement: date) -> date:
    """The last date on which a reversal may reach the receiving bank: the 5th banking day after settlement."""
    return add_banking_days(settlement, 5)


def origination_date(instant: datetime, cut_off: time, zone: ZoneInfo = NEW_YORK) -> date:
    """The banking day with whose files an entry made at this instant goes out; at the cut-off it is too late."""
    if instant.tzinfo is None:
        raise ValueError("an instant has a time zone")
    local = instant.astimezone(zone)
    if is_banking_day(local.date()) and local.time() < cut_off:
        return local.date()
    return next_banking_day(local.date())


def settlement_date(instant: datetime, cut_off: time, zone: ZoneInfo = NEW_YORK) -> date:
    """When an entry made at this instant settles: one banking day after it goes out (not same-day ACH)."""
    return next_banking_day(origination_date(instant, cut_off, zone))


def instant_at(day: date, at: time, zone: ZoneInfo = NEW_YORK) -> datetime:
    """The UTC instant of a wall-clock time on a date in a zone."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def new_york_date(instant: datetime) -> date:
    """The bank's date at an instant: what day limits and business dates are counted in."""
    return instant.astimezone(NEW_YORK).date()


def opening_of_business(day: date) -> datetime:
    """The UTC instant at which a banking day opens."""
    return instant_at(day, OPENING_OF_BUSINESS)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=nth - 1)
