"""What each part of a running Bursar uses: processor time and memory, from /proc."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from bench.sample import Sample

NAMES: Mapping[str, str] = {
    "temporal": "Temporal server",
    "worker": "worker",
    "api": "API",
    "postgres": "PostgreSQL",
    "sandbox": "sandbox",
}
BENCH = "this program"


@dataclass(frozen=True, slots=True)
class Parts:
    """The processes by name, and this one, which asks for everything."""

    processes: Mapping[str, psutil.Process]

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """Those that run on this data."""
        found = {
            name: psutil.Process(json.loads((data_dir / folder / "process.json").read_text("utf-8"))["pid"])
            for folder, name in NAMES.items()
        }
        return cls({**found, BENCH: psutil.Process()})

    def used(self) -> dict[str, float]:
        """Seconds of processor time of each since it began."""
        return {name: _used(process) for name, process in self.processes.items()}

    def since(self, before: Mapping[str, float]) -> dict[str, float]:
        """What each has used since a reading."""
        return {name: seconds - before[name] for name, seconds in self.used().items()}

    def megabytes(self, name: str) -> float:
        """Resident memory of one part."""
        return float(self.processes[name].memory_info().rss) / 2**20


async def whole_round(
    parts: Parts, deed: Callable[[], Awaitable[object]], count: int
) -> tuple[Sample, dict[str, float]]:
    """So many flows as one sample, and who used the processor: what single flows took is not told."""
    before = parts.used()
    began = time.perf_counter()
    await deed()
    took = time.perf_counter() - began
    used = parts.since(before)
    servers = sum(seconds for name, seconds in used.items() if name != BENCH)
    return Sample((took,) * count, took, servers, used[BENCH]), used


def shares(used: Mapping[str, float]) -> str:
    """Who used how much of it, this program apart."""
    all_of_it = sum(seconds for name, seconds in used.items() if name != BENCH) or 1.0
    told = [f"{name} {seconds / all_of_it:.0%}" for name, seconds in used.items() if name != BENCH]
    return ", ".join(told)


def milliseconds(used: Mapping[str, float], count: int) -> str:
    """What each used for one of so many. This program is the worker of bare flows, and asks for ours."""
    told = {**used, f"worker and {BENCH}": used["worker"] + used[BENCH]}
    parts = [f"{name} {1000 * seconds / count:.0f}" for name, seconds in told.items() if name not in (BENCH, "worker")]
    return ", ".join(parts)


def _used(process: psutil.Process) -> float:
    """Its own and its children's; those that ended are in its account, those that live in theirs."""
    if process.pid == psutil.Process().pid:
        own = process.cpu_times()
        return float(own.user + own.system)
    return sum(_times(each) for each in (process, *process.children(recursive=True)))


def _times(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
