"""Time is passed in. This is the only file that reads the machine's clock; workflows use `workflow.now()`."""

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
