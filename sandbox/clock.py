"""The sandbox's business clock: real time plus an offset that only ever grows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def instant_text(instant: datetime) -> str:
    """UTC text of fixed width, so that text order is time order in SQLite."""
    return instant.astimezone(UTC).strftime(_FORMAT)


def parse_instant(text: str) -> datetime:
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)


def real_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


class BusinessClock:
    """What time it is for every partner.

    While settlement replays what fell due, the clock is pinned to the instant at which each thing was due,
    so a leap of sixty days writes the same timestamps as sixty days of waiting.
    """

    def __init__(self, offset: timedelta) -> None:
        self.offset = offset
        self._pinned: datetime | None = None

    def now(self) -> datetime:
        return self._pinned or real_now() + self.offset

    def move_to(self, instant: datetime) -> None:
        """Raises ValueError when the instant lies in the past: settled things cannot be unsettled."""
        offset = instant - real_now()
        if offset < self.offset:
            raise ValueError("the business clock only moves forward")
        self.offset = offset

    @contextmanager
    def pinned(self, instant: datetime) -> Iterator[None]:
        self._pinned = instant
        try:
            yield
        finally:
            self._pinned = None
