"""What a burst left in the C library's hands goes back to the system."""

import asyncio
import ctypes
import sys
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import httpx
import psutil

from activities.house import open_house
from activities.memory import GIVE_BACK
from settings import Settings
from tests.faults.processes import api_process, worker_process
from tests.system import System
from worker import loops

HELD = 20_000
BYTES = 3_000
"""Larger than what Python's own allocator serves, smaller than what the C library asks the system for."""
KEPT_EVERY = 50
HEAP_BYTES = 64 * 1024 * 1024
"""glibc reserves so much, at a multiple of it, for each heap but the first."""

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


async def test_a_worker_and_an_api_have_one_heap_each(system: System, tmp_path: Path) -> None:
    async with worker_process(system.settings) as worker, api_process(system.settings, tmp_path) as (api, url):
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": system.api.headers["Authorization"]}) as c:
            assert (await c.get("/v1/cases")).is_success
        assert [further_heaps(pid) for pid in (worker.pid, api.pid)] == [0, 0]


def further_heaps(pid: int) -> int:
    """Heaps of a process besides its first: a part that is in use, then the rest of what is reserved."""
    found = 0
    for used, rest in pairwise(Path(f"/proc/{pid}/maps").read_text().splitlines()):
        begin, end = _addresses(used)
        begins, ends = _addresses(rest)
        reserved = end == begins and (begin % HEAP_BYTES, ends - begin) == (0, HEAP_BYTES)
        found += reserved and (used.split()[1], rest.split()[1]) == ("rw-p", "---p")
    return found


def _addresses(line: str) -> tuple[int, int]:
    begin, end = line.split(maxsplit=1)[0].split("-")
    return int(begin, 16), int(end, 16)
