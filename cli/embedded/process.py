"""One child process: started on a leash with a private log file, watched, and stopped with grace."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.embedded.failure import StartFailedError
from cli.embedded.identity import ProcessIdentity
from cli.embedded.stop_request import held_back

LEASH = Path(__file__).with_name("leash.py")
KEEP_LOG_BELOW_BYTES = 20_000_000
TAIL_BYTES = 1_000_000


@dataclass(frozen=True)
class Account:
    """The operating-system user a program runs as."""

    user_id: int
    group_id: int


def leashed(
    program: Sequence[str],
    *,
    directory: Path,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> list[str]:
    """The command line that starts `program` in `directory` and has the kernel signal it when this process dies.

    The kernel watches the *thread* that starts it: start long-lived programs from the main thread.
    """
    user, group = (account.user_id, account.group_id) if account else (-1, -1)
    ids = [str(number) for number in (os.getpid(), int(death_signal), user, group)]
    return [sys.executable, "-I", "-S", str(LEASH), *ids, str(directory), *program]


class ChildProcess:
    """A program of ours that runs until we stop it.

    `stop_signal` asks it to end; what has not ended `grace` seconds later is killed.
    """

    def __init__(
        self,
        name: str,
        program: Sequence[str],
        *,
        log: Path,
        directory: Path,
        environment: Mapping[str, str],
        account: Account | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 10.0,
    ) -> None:
        self.name = name
        self.log = log
        self._program = list(program)
        self._directory = directory
        self._environment = environment
        self._account = account
        self._stop_signal = stop_signal
        self._grace = grace
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int:
        """The process id of the running or just ended program."""
        if self._process is None:
            raise StartFailedError(f"{self.name} was not started")
        return self._process.pid

    @property
    def identity(self) -> ProcessIdentity | None:
        """Which process this is, for a later run that must recognise it; None when it already ended."""
        return ProcessIdentity.of(self.pid)

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return None if self._process is None else self._process.poll()

    @property
    def ending(self) -> str:
        """How it ended: `exit code 3`, `SIGKILL`; `still running` when it has not."""
        code = self.exit_code
        if code is None:
            return "still running"
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C in the terminal is for us, who stop the parts in order.

        Raises:
            StartFailedError: its log or the program itself cannot be opened.
        """
        command = leashed(
            self._program, directory=self._directory, account=self._account, death_signal=self._stop_signal
        )
        try:
            self._begin_log()
            # interrupted half way, the program would run and nobody would know it
            with held_back(), open(self.log, "ab", opener=_private) as log:  # Path.open takes no opener
                self._process = subprocess.Popen(  # noqa: S603  # the command is ours, no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment,
                    start_new_session=True,
                )
        except OSError as error:
            raise StartFailedError(f"{self.name} could not be started: {error.strerror}: {error.filename}") from None

    def wait(self, timeout: float) -> bool:
        """Wait for its end; False when it still runs after `timeout` seconds."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def signal(self, which: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self._process is not None:
            self._process.send_signal(which)

    def stop(self) -> bool:
        """Ask it to end and wait; kill it after the grace. False when it had to be killed."""
        if not self.runs:
            return True
        self.signal(self._stop_signal)
        if self.wait(self._grace):
            return True
        self.kill()
        return False

    def kill(self) -> None:
        """End it at once, without a chance to tidy up, and reap it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def written(self) -> str:
        """The end of what this run wrote to its log."""
        with self.log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, end - TAIL_BYTES))
            return log.read().decode(errors="replace")

    def _begin_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > KEEP_LOG_BELOW_BYTES:
            self.log.replace(self.log.with_suffix(".previous.log"))
        self._log_start = self.log.stat().st_size if self.log.exists() else 0


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
