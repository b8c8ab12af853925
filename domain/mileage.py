"""What driven miles are paid: distance times the rate of the day of travel, half a cent rounded up.

Published rates are the business standard mileage rates of the Internal Revenue Service, as data with their notices. A
day that no notice covers has no rate: last year's is not this year's. An organization's own rate stands before them.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from domain.errors import InvalidInput, StateConflict

_MILES = re.compile(r"(?P<whole>0|[1-9][0-9]{0,5})(?:\.(?P<part>[0-9]{1,2}))?")
_CENTS = re.compile(r"(?P<whole>0|[1-9][0-9]{0,2})(?:\.(?P<part>[0-9]))?")
OWN_RATE = "the organization's own rate"


@dataclass(frozen=True, slots=True)
class MileageRate:
    """What a mile is paid, in tenths of a cent, and who set it."""

    tenths_of_a_cent: int
    source: str


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """A published rate with its first and last day."""

    effective_from: date
    effective_through: date
    rate: MileageRate


@dataclass(frozen=True, slots=True)
class OwnRate:
    """An organization's rate from a day on, in tenths of a cent; None: the published one again."""

    effective_from: date
    tenths_of_a_cent: int | None


@cache
def published_rates() -> tuple[PublishedRate, ...]:
    """The published rates, oldest first."""
    text = resources.files("domain.data").joinpath("irs_mileage_rates.csv").read_text(encoding="utf-8")
    return tuple(
        PublishedRate(
            date.fromisoformat(row["effective_from"]),
            date.fromisoformat(row["effective_through"]),
            MileageRate(int(row["tenths_of_a_cent"]), row["source"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def rate_on(day: date, own: Iterable[OwnRate]) -> MileageRate:
    """The rate of a day of travel. Of an organization's own rates from one day the one given last counts.

    Raises StateConflict when neither the organization nor a notice has one.
    """
    before = sorted((rate for rate in own if rate.effective_from <= day), key=lambda rate: rate.effective_from)
    if before and before[-1].tenths_of_a_cent is not None:
        return MileageRate(before[-1].tenths_of_a_cent, OWN_RATE)
    for published in published_rates():
        if published.effective_from <= day <= published.effective_through:
            return published.rate
    raise StateConflict(
        "no_mileage_rate", "There is no mileage rate for that day of travel.", field="spent_on", who_must_act="operator"
    )


def mileage_amount(distance: int, tenths_of_a_cent: int) -> int:
    """Cents for a distance in hundredths of a mile; half a cent is rounded up. The database checks the same."""
    return (distance * tenths_of_a_cent + 500) // 1000


def parse_miles(text: str) -> int:
    """Hundredths of a mile from a decimal with at most two places, below a million miles."""
    found = _MILES.fullmatch(text)
    if found is None:
        raise InvalidInput("miles", "Must be a number of miles with at most two places after the point.")
    return int(found["whole"]) * 100 + int((found["part"] or "").ljust(2, "0"))


def parse_cents(text: str) -> int:
    """Tenths of a cent from a decimal with at most one place, below a thousand cents."""
    found = _CENTS.fullmatch(text)
    if found is None or not (tenths := int(found["whole"]) * 10 + int(found["part"] or "0")):
        raise InvalidInput("cents_per_mile", "Must be a number of cents above zero with at most one place.")
    return tenths


def show_miles(distance: int) -> str:
    """The distance as a decimal with two places."""
    return f"{distance // 100}.{distance % 100:02}"


def show_cents(tenths_of_a_cent: int) -> str:
    """The rate as a decimal with one place."""
    return f"{tenths_of_a_cent // 10}.{tenths_of_a_cent % 10}"
