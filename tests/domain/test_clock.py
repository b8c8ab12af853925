"""The system clock gives instants with a zone."""

from datetime import UTC, datetime

from domain.clock import Clock, SystemClock


def test_the_system_clock_is_in_utc_and_goes_forward():
    clock: Clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second
    assert abs((datetime.now(UTC) - second).total_seconds()) < 5
