"""How long a caller prefers to wait (RFC 7240)."""

import pytest

from api.prefer import until, wait_seconds


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=10", 10),
        ("wait = 10", 10),
        ("respond-async, wait=5", 5),
        ("wait=5, respond-async", 5),
        ("wait=999999", 30),
        ("wait=0", 0),
        ("wait=-1", 0),
        ("wait=x", 0),
        ("wait=1.5", 0),
        ("await=5", 0),
        ("wait=" + "9" * 5000, 0),
    ],
)
def test_what_makes_sense_is_honoured_up_to_the_longest_wait(prefer, seconds):
    assert wait_seconds(prefer, 30) == seconds


async def test_waiting_ends_with_what_is_seen_or_with_nothing_in_time():
    looks = iter([None, None, "seen"])

    async def look() -> str | None:
        return next(looks)

    async def see_nothing() -> str | None:
        return None

    assert await until(look, 5) == "seen"
    assert await until(see_nothing, 0.1) is None
