"""Starts the parts of Bursar in order of their dependencies, keeps them running, and stops them in reverse order."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.embedded.board import Board
from cli.embedded.disk import require_space
from cli.embedded.failure import StartFailedError
from cli.embedded.lock import FolderLock
from cli.embedded.part import Part
from cli.embedded.step import Step

LOOK_EVERY_SECONDS = 0.25
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 60.0


@dataclass
class _Watch:
    """How often a part has ended lately, and when it may start again."""

    part: Part
    ends: int = 0
    started: float = 0.0
    again_at: float | None = None

    def delay(self) -> float:
        """Half a second, doubled with each end that follows soon, up to half a minute."""
        self.ends += 1
        return min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** (self.ends - 1))


class Supervisor:
    """Holds the lock of `folder`, so that no two run on the same data; a context manager."""

    def __init__(self, folder: Path, parts: Sequence[Part | Step], board: Board) -> None:
        self._folder = folder
        self._parts = parts
        self._board = board
        self._lock = FolderLock(folder / "lock")
        self._watches: list[_Watch] = []

    def start(self) -> None:
        """Start all; when one fails, stop those that already run.

        Raises:
            StartFailedError: one line that names the part and the remedy.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(f"the data in {self._folder}")
        except OSError as error:
            raise StartFailedError(f"cannot write to {error.filename or self._folder}: {error.strerror}") from None
        try:
            require_space(self._folder)
            for part in self._parts:
                self._start(part)
        except BaseException:
            self.stop()
            raise

    def tend(self) -> None:
        """Look at each part once and start again, after a pause, what has ended. Call it from the main thread."""
        for watch in self._watches:
            now = time.monotonic()
            if watch.again_at is not None:
                if now >= watch.again_at:
                    self._start_again(watch)
            elif not watch.part.runs:
                delay = watch.delay()
                watch.again_at = now + delay
                self._board.note(f"{watch.part.name} ended ({watch.part.ending}); starting it again in {delay:.1f} s")
            elif watch.ends and now - watch.started > HEALTHY_AFTER_SECONDS:
                watch.ends = 0

    def run(self) -> None:
        """Tend the parts until an exception, which Ctrl-C is, ends it."""
        while True:
            self.tend()
            time.sleep(LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """Stop all parts, the last started first. Safe to repeat."""
        while self._watches:
            part = self._watches.pop().part
            with self._board.doing(f"stopping {part.name}", f"{part.name} stopped"):
                part.stop()
        self._lock.release()

    def __enter__(self) -> Self:
        """Start all."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all."""
        self.stop()

    def _start(self, part: Part | Step) -> None:
        with self._board.doing(part.name, part.name):
            if isinstance(part, Step):
                part.action()
            else:
                part.start()
                self._watches.append(_Watch(part, started=time.monotonic()))

    def _start_again(self, watch: _Watch) -> None:
        watch.part.stop()
        try:
            with self._board.doing(watch.part.name, f"{watch.part.name} runs again"):
                watch.part.start()
        except StartFailedError as error:
            delay = watch.delay()
            watch.again_at = time.monotonic() + delay
            self._board.note(f"{error}; trying again in {delay:.1f} s")
        else:
            watch.again_at = None
            watch.started = time.monotonic()
