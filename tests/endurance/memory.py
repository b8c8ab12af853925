"""How much memory worker and API hold over time, and whether it grows.

A worker keeps runs that wait (up to as many as servers.py says), so how many there are is looked at beside: what it
holds for them is no leak. Nothing but the server tells their number; each of its workers keeps a part of them.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import linear_regression

import psutil
from temporalio.client import Client
from temporalio.service import RPCError

from tests.endurance.servers import Servers

MEGABYTE = 1_000_000
WARM = 1 / 2
"""The first part of a life, in which caches fill, is no slope."""
PARTS = 4
"""Of the rest of it. In each the least counts: a leak raises that; many runs woken at once do not."""
FEWEST = 5
LONG_ENOUGH_SECONDS = 20 * 60
"""Of a life, for its slope to be held against the goal: before that caches still fill."""
FLAT_MB_PER_HOUR = 10.0
RUNNING = "ExecutionStatus = 'Running'"
COUNT_TIMEOUT = timedelta(seconds=2)

Sample = tuple[float, float, int]
"""Seconds since the beginning, megabytes, runs that wait."""
KEPT = 60
"""At most so many samples of a life are kept, evenly apart."""


@dataclass(frozen=True)
class Growth:
    """Of the longest life of one part."""

    part: str
    lived_seconds: float
    warm_seconds: float
    """How long the part of its life was in which the slope was taken."""
    slope_mb_per_hour: float | None
    """None: it did not live long enough to say."""
    lows: tuple[float, ...]
    """The least that it held in each part of that."""
    waiting: tuple[int, int]
    """Runs in that part, in its beginning and at its end."""
    course: tuple[Sample, ...]
    """Of the whole life, from its first sample to its last."""

    @property
    def quarters(self) -> tuple[float, ...]:
        """Megabytes after none, one, two, three and four quarters of its life."""
        last = len(self.course) - 1
        return tuple(self.course[round(last * quarter / 4)][1] for quarter in range(5))

    @property
    def is_flat(self) -> bool | None:
        """None: it did not live long enough to be held against the goal."""
        if self.slope_mb_per_hour is None or self.lived_seconds < LONG_ENOUGH_SECONDS:
            return None
        return self.slope_mb_per_hour <= FLAT_MB_PER_HOUR


@dataclass
class Memory:
    """Resident memory of the parts, sampled."""

    servers: Servers
    temporal: Client
    parts: Sequence[str]
    lives: dict[tuple[str, int], list[Sample]] = field(default_factory=lambda: defaultdict(list))

    async def watch(self, every: float) -> None:
        """Until cancelled."""
        began, waiting = time.monotonic(), 0
        while True:
            if self.servers.pid("temporal") is not None:
                with suppress(RPCError):  # killed just now: as many as before
                    waiting = (await self.temporal.count_workflows(RUNNING, rpc_timeout=COUNT_TIMEOUT)).count
            for part in self.parts:
                pid = self.servers.pid(part)
                if pid is not None and (held := _resident(pid)) is not None:
                    self.lives[part, pid].append((time.monotonic() - began, held, waiting))
            await asyncio.sleep(every)

    def growth(self) -> list[Growth]:
        """One line per part."""
        found = []
        for part in self.parts:
            lives = [samples for (name, _), samples in self.lives.items() if name == part]
            if lives:
                found.append(growth(part, max(lives, key=lambda samples: samples[-1][0] - samples[0][0])))
        return found


def growth(part: str, samples: Sequence[Sample]) -> Growth:
    """A straight line through the lows of the second half of one life."""
    began, ended = samples[0][0], samples[-1][0]
    warm = [sample for sample in samples if sample[0] >= began + WARM * (ended - began)]
    lows, slope = _lows(warm), None
    if len(warm) >= FEWEST:
        times, held, _ = zip(*lows, strict=True)
        slope = round(linear_regression(times, held).slope * 3600, 2)
    return Growth(
        part,
        lived_seconds=round(ended - began, 1),
        warm_seconds=round(ended - warm[0][0], 1),
        slope_mb_per_hour=slope,
        lows=tuple(round(held, 1) for _, held, _ in lows),
        waiting=(warm[0][2], warm[-1][2]),
        course=_thinned(samples),
    )


def _lows(warm: Sequence[Sample]) -> list[Sample]:
    """The least of each part that has a sample."""
    began, ended = warm[0][0], warm[-1][0]
    found: dict[int, Sample] = {}
    for sample in warm:
        number = min(PARTS - 1, int(PARTS * (sample[0] - began) / ((ended - began) or 1)))
        found[number] = min(found.get(number, sample), sample, key=lambda one: one[1])
    return list(found.values())


def _thinned(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    most = min(KEPT, len(samples))
    chosen = [samples[round(number * (len(samples) - 1) / max(1, most - 1))] for number in range(most)]
    return tuple((round(at, 1), round(held, 1), waiting) for at, held, waiting in chosen)


def _resident(pid: int) -> float | None:
    try:
        return float(psutil.Process(pid).memory_info().rss) / MEGABYTE
    except psutil.NoSuchProcess:
        return None
