"""What an authorization to debit must be (Nacha by SEC code), and the notices that go with it (seed 003, section 11).

PPD: written or similarly authenticated; WEB: over the internet; TEL: oral, recorded or with a written notice, and when
it recurs recorded and a copy sent; CCD: an agreement between companies.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import new_york_date
from domain.errors import InvalidInput, LimitExceeded


class AuthorizationState(StrEnum):
    """Where it is; the last three are final."""

    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    ENDED = "ended"


ENDED = frozenset({AuthorizationState.CANCELLED, AuthorizationState.REVOKED, AuthorizationState.ENDED})

BASES: dict[str, tuple[str, ...]] = {
    "PPD": ("written", "similarly_authenticated"),
    "WEB": ("internet",),
    "TEL": ("oral_recorded", "oral_written_notice"),
    "CCD": ("agreement",),
}
"""SEC code to the ways in which it may be authorized; the first is what is meant where nobody says."""

NOTICE_DAYS = 10
"""Calendar days from the notice of a charge, or of a changed amount, to the first debit that it is about."""

DATE_NOTICE_DAYS = 7
"""Calendar days from the notice of a changed date to the first debit that it is about (Nacha)."""

RECEIPT_DAYS = 15
"""Calendar days from a debit within which its receipt is sent."""

RETENTION_YEARS = 5
"""Seed 003; Nacha asks for two years after the end."""


def require_basis(sec: str, basis: str, *, recurring: bool, field: str = "basis") -> None:
    """Refuse a way of authorizing that the SEC code does not know."""
    if basis not in BASES[sec]:
        raise InvalidInput(field, f"{sec} is authorized by {' or '.join(BASES[sec])}.", code="wrong_basis")
    if recurring and basis == "oral_written_notice":
        raise InvalidInput(field, "A recurring TEL authorization must be recorded.", code="wrong_basis")


def require_in_range(amount: int, least: int | None, most: int, *, field: str = "amount") -> None:
    """Refuse an amount (minor units) outside the range that a variable authorization allows."""
    if not (least or 1) <= amount <= most:
        raise LimitExceeded(
            "The amount is outside the range that the customer authorized.", field=field, code="amount_not_authorized"
        )


def latest_notice(charge_on: date, days: int = NOTICE_DAYS) -> date:
    """The last date on which a notice of so many calendar days is in time for a charge."""
    return charge_on - timedelta(days=days)


def date_notice_days(amount_rule: str, required: str) -> int:
    """How many calendar days before the first charge a changed date is told.

    Ten where each charge must be announced with its amount, by its rule or by the setting `notice_required`: the
    announcement of the moved charge needs as long.
    """
    return NOTICE_DAYS if required in ("always", amount_rule) else DATE_NOTICE_DAYS


def retain_until(ended_at: datetime) -> date:
    """The last date on which the records must be kept: five years after the end; of Feb 29, Feb 28."""
    end = new_york_date(ended_at)
    try:
        return end.replace(year=end.year + RETENTION_YEARS)
    except ValueError:
        return date(end.year + RETENTION_YEARS, 2, 28)
