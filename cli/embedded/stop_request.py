"""Ctrl-C, a terminal that closes, and `kill` all ask for the same orderly stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_requests() -> Iterator[None]:
    """Within the block the first of these signals raises KeyboardInterrupt, and later ones are ignored.

    Ignored, because a second Ctrl-C would cut the orderly stop short; each part has a bounded grace, so the stop ends.
    SIGHUP stays ignored where it is already, by nohup(1).
    """

    def asked(_number: int, _frame: FrameType | None) -> None:
        for each in ASKING:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, asked) for each in ASKING}
    if before[signal.SIGHUP] is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
