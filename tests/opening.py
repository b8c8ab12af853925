"""The business day on which every test begins: a plain banking day, whatever day the tests are run on.

Weekends, holidays, month ends and the change of the clocks are told by stories that go there. `TEST_TODAY` begins
on another instant, so that all of them can be tried on it: `TEST_TODAY=2027-11-24T22:30:00+00:00`; or on another day,
at ten in New York: `TEST_TODAY=2026-12-31`.
"""

import os
from datetime import UTC, datetime, timedelta

from sandbox.runner import SandboxRunner

TEN_IN_NEW_YORK = 15
TUESDAY = 1


def _first_day() -> datetime:
    """The next first Tuesday of a March: no holiday within five weeks after it."""
    today = datetime.now(UTC)
    for year in (today.year, today.year + 1):
        march = datetime(year, 3, 1, TEN_IN_NEW_YORK, tzinfo=UTC)
        tuesday = march + timedelta(days=(TUESDAY - march.weekday()) % 7)
        if tuesday > today:
            return tuesday
    raise AssertionError("one of two Marches lies ahead")


def _ahead() -> timedelta:
    given = os.environ.get("TEST_TODAY")
    opening = datetime.fromisoformat(given) if given else _first_day()
    if opening.tzinfo is None:
        opening = opening.replace(hour=TEN_IN_NEW_YORK, tzinfo=UTC)
    return opening - datetime.now(UTC)


AHEAD = max(_ahead(), timedelta())
"""How far business time is ahead of the machine's when a test begins; business time never goes back."""

OPEN_CLOCK = f"update business_clock set sandbox = true, ahead = interval '{AHEAD.total_seconds()} seconds'"
"""Said once to a migrated template."""


def fresh_sandbox() -> SandboxRunner:
    """Partners with empty books, on the same business day."""
    return SandboxRunner(start=datetime.now(UTC) + AHEAD)
