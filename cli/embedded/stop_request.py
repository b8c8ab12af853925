"""Ctrl-C, a terminal that closes, and `kill` all ask for the same orderly stop."""

import signal
import threading
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


@contextmanager
def held_back() -> Iterator[None]:
    """Within the block these signals wait for its end: what it does is done, and known to have been done.

    Python hands signals to the main thread only; in another one nothing needs to be held back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = {
        each: signal.signal(each, lambda number, _frame: heard.append(number))
        for each in ASKING
        if signal.getsignal(each) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        if heard:
            signal.raise_signal(heard[0])
