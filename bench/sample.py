"""One sample: what a contender did in a stretch of time, and what that cost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import count

from bench.processor import Processor


@dataclass(frozen=True, slots=True)
class Sample:
    """`latencies` in seconds, sorted; processor time in seconds, of the server's processes and of the client.

    Each latency is of one call, and a call may be `each` operations.
    """

    latencies: tuple[float, ...]
    seconds: float
    server: float
    client: float
    each: int = 1

    @property
    def operations(self) -> int:
        """How many ended."""
        return len(self.latencies) * self.each

    @property
    def per_second(self) -> float:
        """Operations that ended in a second."""
        return self.operations / self.seconds

    def quantile(self, part: float) -> float:
        """A latency that this part of the calls did not exceed, in milliseconds; 0 of nothing."""
        return 1000 * quantile(self.latencies, part)

    @property
    def server_us(self) -> float:
        """The server's processor time per operation, in microseconds."""
        return 1_000_000 * self.server / max(self.operations, 1)

    @property
    def client_us(self) -> float:
        """The client's."""
        return 1_000_000 * self.client / max(self.operations, 1)

    @property
    def processor_us(self) -> float:
        """Both; at least the clock's own grain, so that it divides."""
        return max(self.server_us + self.client_us, 0.01)


def quantile(ordered: Sequence[float], part: float) -> float:
    """What this part of the sorted values does not exceed; 0 of nothing."""
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else 0.0


Once = Callable[[int, int], Awaitable[None]]
"""One operation: which caller makes it, and a number that no other operation of the run has."""

NUMBERS = count(1)
"""Shared by all contenders: keys built from it are never used twice."""


async def closed_loop(once: Once, callers: int, seconds: float, processor: Processor, each: int = 1) -> Sample:
    """Each caller makes one operation after the other until the time is up; what is under way then still counts."""
    latencies: list[float] = []
    before = processor.read()
    began = time.perf_counter()

    async def call(caller: int) -> None:
        now = began
        while now - began < seconds:
            start = now
            await once(caller, next(NUMBERS))
            now = time.perf_counter()
            latencies.append(now - start)

    await asyncio.gather(*(call(caller) for caller in range(callers)))
    ended = time.perf_counter() - began
    after = processor.read()
    return Sample(tuple(sorted(latencies)), ended, after.server - before.server, after.client - before.client, each)
