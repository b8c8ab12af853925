"""Which process is meant: an id alone is reused, together with its start time and the boot it is not (proc(5))."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")
START_TIME_FIELD = 19  # field 22 of /proc/<pid>/stat, counted from the one after the command's closing bracket
DEAD_STATES = ("Z", "X")


@dataclass(frozen=True)
class ProcessIdentity:
    """A process for all time: its id, its start in clock ticks since boot, and the boot."""

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """The process that has this id now; None when there is none, or only one that waits to be reaped."""
        try:
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            return None
        if fields[0] in DEAD_STATES:
            return None
        return cls(pid=pid, started=int(fields[START_TIME_FIELD]), boot=boot)

    def lives(self) -> bool:
        """Whether this very process still runs."""
        return ProcessIdentity.of(self.pid) == self
