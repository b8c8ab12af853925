"""How much memory worker and API hold over time, and whether it grows."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import linear_regression

import psutil

from tests.endurance.servers import Servers

MEGABYTE = 1_000_000
WARM = 1 / 3
"""The first part of a life, in which caches fill, is no slope."""
FEWEST = 5

Sample = tuple[float, float]
"""Seconds since the beginning, megabytes."""


@dataclass(frozen=True)
class Growth:
    """Of the longest life of one part."""

    part: str
    lived_seconds: float
    first_mb: float
    last_mb: float
    slope_mb_per_hour: float | None
    """None: it did not live long enough to say."""


@dataclass
class Memory:
    """Resident memory of the parts, sampled."""

    servers: Servers
    parts: Sequence[str]
    lives: dict[tuple[str, int], list[Sample]] = field(default_factory=lambda: defaultdict(list))

    async def watch(self, every: float) -> None:
        """Until cancelled."""
        began = time.monotonic()
        while True:
            for part in self.parts:
                pid = self.servers.pid(part)
                if pid is not None and (held := _resident(pid)) is not None:
                    self.lives[part, pid].append((time.monotonic() - began, held))
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
    """A straight line through one life, its beginning left out."""
    (began, first), (ended, last) = samples[0], samples[-1]
    warm = [sample for sample in samples if sample[0] >= began + WARM * (ended - began)]
    slope = None
    if len(warm) >= FEWEST:
        slope = linear_regression(*zip(*warm, strict=True)).slope * 3600
    return Growth(part, round(ended - began, 1), round(first, 1), round(last, 1), slope and round(slope, 2))


def _resident(pid: int) -> float | None:
    try:
        return float(psutil.Process(pid).memory_info().rss) / MEGABYTE
    except psutil.NoSuchProcess:
        return None
