"""Open loop: requests come when they come, whether or not earlier ones were answered."""

import asyncio
import random  # noqa: TID251 - arrivals of a bench, from the seed that is passed in
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")


async def arrive(
    ask: Callable[[], Awaitable[Answer]], *, per_second: float, seconds: float, seed: int
) -> list[tuple[float, float, Answer]]:
    """(when it was due by the wall clock, seconds to the answer, the answer) of each, of a Poisson process.

    Time counts from when a request was due: one that could not leave in time was late for its caller.
    """
    drawn = random.Random(seed)  # noqa: S311
    due = time.perf_counter()
    end = due + seconds
    under_way: list[asyncio.Task[tuple[float, float, Answer]]] = []

    async def one(due: float) -> tuple[float, float, Answer]:
        wall = time.time() - (time.perf_counter() - due)
        answer = await ask()
        return wall, time.perf_counter() - due, answer

    while (due := due + drawn.expovariate(per_second)) < end:
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        under_way.append(asyncio.create_task(one(due)))
    return list(await asyncio.gather(*under_way))
