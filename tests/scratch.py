"""Where the servers of a run keep their data: in memory where the machine has a file system for that, else on the disk.

A story has a database of its own, some 700 files. Making and dropping it took half a second of processor time on a disk
and takes 30 ms in memory. A server that is killed with -9 loses nothing either way: what it wrote is the kernel's.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - folders in it are made with names and rights of their own
PREFIX = "bursar-tests-"
ROOM_BYTES = 2 * 2**30
"""What a run of some processes takes at most; twice as much memory must be free, for the run needs some too."""
LEFT_BEHIND_SECONDS = 3600
"""A folder without an owner is removed at this age; one that is just being made is younger."""

POSTGRES: Mapping[str, str] = {
    "fsync": "off",
    "shared_buffers": "128MB",
    # old WAL goes soon: it lies in memory
    "max_wal_size": "256MB",
}
"""Settings of a server whose data ends with the run."""


@contextmanager
def scratch(on_disk: Path) -> Iterator[Path]:
    """A folder that ends with the block; `on_disk` itself, which stays, where memory has no room."""
    if not _has_room():
        yield on_disk
        return
    _remove_left_behind()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=IN_MEMORY))
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _has_room() -> bool:
    if not os.access(IN_MEMORY, os.W_OK):
        return False
    return shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES and psutil.virtual_memory().available > 2 * ROOM_BYTES


def _remove_left_behind() -> None:
    """Runs that were killed could not tidy up; whoever lives holds the lock on his folder."""
    for folder in IN_MEMORY.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_ctime < LEFT_BEHIND_SECONDS:
                continue
            held = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(held)
