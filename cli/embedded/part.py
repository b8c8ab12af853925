"""What all parts of the running system share: a folder of their own, one owner at a time, and no orphan left behind."""

import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.embedded.disk import is_full
from cli.embedded.failure import StartFailedError
from cli.embedded.lock import FolderLock
from cli.embedded.process import Account, ChildProcess
from cli.embedded.record import ProcessRecord, end_survivor


def say_nothing(_: str) -> None:
    """Progress for nobody."""


class Part(ABC):
    """One program on one folder, kept across restarts; a context manager.

    It ends when this process dies, however it dies. Start it from the main thread: the kernel ends the program when the
    *thread* that started it ends. `start` tells `progress` what takes long. `stop_signal` asks the program to end, and
    it is killed when it has not ended `grace` seconds later.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        progress: Callable[[str], None],
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 10.0,
    ) -> None:
        self.name = name
        self.stop_signal = stop_signal
        self.grace = grace
        self.folder = folder.absolute()
        self.log = self.folder / "output.log"
        self._say = progress
        self._lock = FolderLock(self.folder / "lock")
        self._record = ProcessRecord(self.folder / "process.json")
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int:
        """The process id of the program."""
        return self._started().pid

    @property
    def runs(self) -> bool:
        """Whether the program lives."""
        return self._process is not None and self._process.runs

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        return self._started().ending

    def start(self) -> None:
        """End what a killed run left, start, and return when the program answers.

        Raises:
            StartFailedError: one line that says what is wrong and, where there is one, the remedy.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(f"the folder of {self.name}, {self.folder},")
            survivor = self._record.survivor()
            if survivor:
                self._say(f"stopping the {self.name} of a Bursar that was killed")
                end_survivor(survivor, ask=self.stop_signal, grace=self.grace)
            self._launch()
        except OSError as error:
            self.stop()
            where = error.filename or self.folder
            raise StartFailedError(f"{self.name} cannot use {where}: {error.strerror}") from None
        except StartFailedError:
            self.stop()
            if is_full(self.folder):
                raise StartFailedError(
                    f"{self.name} did not start: the disk that holds {self.folder} is full"
                ) from None
            raise
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it in order; nothing committed is lost. Safe to repeat."""
        if self._process is not None:
            self._process.stop()
            self._process = None
            self._record.clear()
        self._lock.release()

    def kill(self) -> None:
        """End the program as a crash would (SIGKILL); `start` recovers it on the same port."""
        self._started().kill()
        self._lock.release()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    @abstractmethod
    def _launch(self) -> None:
        """Start the process with `_run` and wait until it answers; the folder is locked and no orphan is left."""

    def _run(
        self, program: list[str], *, directory: Path, environment: Mapping[str, str], account: Account | None = None
    ) -> ChildProcess:
        child = ChildProcess(
            self.name,
            program,
            log=self.log,
            directory=directory,
            environment=environment,
            account=account,
            stop_signal=self.stop_signal,
            grace=self.grace,
        )
        self._process = child
        child.start()
        self._record.write(child.identity)
        return child

    def _started(self) -> ChildProcess:
        if self._process is None:
            raise StartFailedError(f"{self.name} was not started")
        return self._process
