"""Time is passed in. This is the only file that reads the machine's clock; workflows use `workflow.now()`."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that knows the instant."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that may


_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_seconds() -> float:
    """Seconds that never jump, for measuring deadlines; on Linux they pass while the machine is suspended too.

    Plain monotonic time stands still then, and a deadline that passed in the world would seem to be ahead.
    """
    return time.clock_gettime(_STEADY)
