"""One owner per folder: a lock that the kernel releases when its holder dies, however it dies (flock(2))."""

import fcntl
import os
from pathlib import Path

from cli.embedded.failure import StartFailedError


class FolderLock:
    """An exclusive lock on a file that holds its owner's process id for the person who is refused."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, what: str) -> None:
        """Take the lock or say who has it; `what` names the locked thing in that line.

        Raises:
            StartFailedError: another process holds it.
            OSError: the folder cannot be written.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise StartFailedError(
                f"{what} is in use by another Bursar (process {owner}); stop that one first"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held. The file stays: removing it would race."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
