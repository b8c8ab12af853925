"""What a burst left in the C library's hands goes back to the system."""

import asyncio
import ctypes
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import psutil

from activities.house import open_house
from activities.memory import GIVE_BACK
from settings import Settings
from worker import loops

HELD = 20_000
BYTES = 3_000
"""Larger than what Python's own allocator serves, smaller than what the C library asks the system for."""
KEPT_EVERY = 50


HEAPS = """
import ctypes, re, sys, threading
from activities.memory import use_one_heap

if sys.argv[1] == "one":
    use_one_heap()
held = []
threads = [threading.Thread(target=lambda: held.extend(bytearray(3_000) for _ in range(100))) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
told = ctypes.c_void_p(c.fopen(sys.argv[2].encode(), b"w"))
c.malloc_info(0, told)
c.fclose(told)
"""


def resident() -> int:
    return int(psutil.Process().memory_info().rss)


async def test_what_was_freed_between_things_that_stay_is_given_back() -> None:
    held: list[bytearray | None] = [bytearray(BYTES) for _ in range(HELD)]
    for number in range(HELD):
        if number % KEPT_EVERY:
            held[number] = None
    full = resident()
    assert await GIVE_BACK.body() == 0  # then the loop pauses
    assert full - resident() > HELD * BYTES / 2 or not hasattr(ctypes.CDLL(None), "malloc_trim")
    assert all(held[::KEPT_EVERY])


async def test_a_worker_gives_back(settings: Settings) -> None:
    async with open_house(settings) as house, AsyncExitStack() as stack:
        assert GIVE_BACK in await loops(house, stack)


async def test_threads_share_one_heap(tmp_path: Path) -> None:
    async def heaps(how: str) -> int:
        told = tmp_path / how
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", HEAPS, how, str(told))
        assert await process.wait() == 0
        return told.read_text().count("<heap nr=")

    assert await heaps("one") == 1
    assert await heaps("default") > 1
