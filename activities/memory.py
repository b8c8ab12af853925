"""Memory that was freed goes back to the system: the C library keeps it, and a long-lived process seems to grow."""

import ctypes

from activities.loops import Loop

PAUSE_SECONDS = 60.0
"""Freed memory gathers over minutes, and giving it back takes some milliseconds (docs/benchmarks.md, Memory)."""
_M_ARENA_MAX = -8
"""glibc's number for it (malloc.h). Other C libraries have neither of its two functions, or need none."""
_C_LIBRARY = ctypes.CDLL(None)
_trim = getattr(_C_LIBRARY, "malloc_trim", None)
if _trim is not None:
    _trim.argtypes = [ctypes.c_size_t]


def use_one_heap() -> None:
    """Have all threads share one heap. To be called before any of them begins.

    By default each has one of its own, up to eight for each processor, and what one keeps another cannot use; of our
    threads only one at a time runs Python.
    """
    set_option = getattr(_C_LIBRARY, "mallopt", None)
    if set_option is not None:
        set_option(_M_ARENA_MAX, 1)


async def _give_back() -> int:
    if _trim is not None:
        _trim(0)
    return 0


GIVE_BACK = Loop("memory", _give_back, PAUSE_SECONDS)
"""On the event loop: it is brief, and a thread's end would leave memory of its own behind."""
