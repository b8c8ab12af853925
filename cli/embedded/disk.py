"""Room on the disk: said before anything starts, and recognised when a program failed for want of it."""

import shutil
from pathlib import Path

from cli.embedded.failure import StartFailedError

MEGABYTE = 1_000_000
NEEDED_MEGABYTES = 500
"""A new database cluster with its first write-ahead log, Temporal's file, and logs."""
FULL_BELOW_MEGABYTES = 2


def require_space(folder: Path) -> None:
    """Refuse to start on a disk that would soon be full.

    Raises:
        StartFailedError: names the folder, what is free and what is needed, in megabytes.
    """
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < NEEDED_MEGABYTES:
        raise StartFailedError(
            f"only {free} MB are free on the disk that holds {folder}; Bursar needs {NEEDED_MEGABYTES}"
        )


def is_full(folder: Path) -> bool:
    """Whether hardly a log line fits any more, so that a program could not even say why it ended."""
    return shutil.disk_usage(folder).free < FULL_BELOW_MEGABYTES * MEGABYTE
