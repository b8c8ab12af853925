"""A PostgreSQL server of our own: `with EmbeddedPostgres(folder) as server: server.url()`.

It listens on the loopback address only and asks every role for a password (scram-sha-256). It stops when this process
dies, however it dies; the next start recovers what a kill left behind. Committed data survives all of that.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.embedded.failure import StartFailedError
from cli.embedded.lock import FolderLock
from cli.embedded.ports import LOOPBACK, free_port, require_free_port
from cli.embedded.postgres_cluster import (
    APPLICATION,
    DATABASE,
    HERE,
    OWNER,
    create_cluster,
    environment,
    read_passwords,
    reason_in,
)
from cli.embedded.postgres_program import programs, server_account
from cli.embedded.process import Account, ChildProcess
from cli.embedded.record import ProcessRecord, end_survivor

PORT_SETTING = "BURSAR_POSTGRES_PORT"
SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement must not put a person's data into the log: no statement text, no DETAIL of the offending row.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
POLL_SECONDS = 0.02
STOP_GRACE_SECONDS = 60.0
SAY_EVERY_SECONDS = 2.0
OLD_BACKENDS_SECONDS = 15.0
OLD_BACKENDS_REMAIN = "pre-existing shared memory block"
READY_LINE = 7  # of postmaster.pid, counted from 0


def say_nothing(_: str) -> None:
    """Progress for nobody."""


class EmbeddedPostgres:
    """One server on one folder, which it owns and keeps across restarts.

    `port` 0 takes a free one at the first start and keeps it. `settings` override `SETTINGS`. Start it from the main
    thread: the kernel ends the server when the thread that started it ends.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        settings: Mapping[str, str] | None = None,
        progress: Callable[[str], None] = say_nothing,
    ) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._wanted_port = port
        self._port = port
        self._settings = {**SETTINGS, **(settings or {})}
        self._say = progress
        self._lock = FolderLock(self.folder / "lock")
        self._record = ProcessRecord(self.folder / "server.json")
        self._server: ChildProcess | None = None
        self._passwords: dict[str, str] = {}

    @property
    def port(self) -> int:
        """The TCP port on the loopback address; 0 before the first start when any port will do."""
        return self._port

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._child().pid

    @property
    def runs(self) -> bool:
        """Whether the server process lives."""
        return self._server is not None and self._server.runs

    def url(self, database: str = DATABASE, user: str = OWNER) -> str:
        """A SQLAlchemy URL with the password in it, for the owner or `bursar_app`: never print it."""
        return f"postgresql+asyncpg://{user}:{self._passwords[user]}@{LOOPBACK}:{self._port}/{database}"

    def app_url(self, database: str = DATABASE) -> str:
        """The URL of the application's own role."""
        return self.url(database, APPLICATION)

    def start(self) -> None:
        """Make the cluster if there is none, end what a killed run left, start, and return when it accepts connections.

        A crash recovery may take minutes; it is waited for, with a word to `progress` every two seconds.

        Raises:
            StartFailedError: one line that says what is wrong and, where there is one, the remedy.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(f"PostgreSQL's folder {self.folder}")
            self._start_locked()
        except BaseException as error:
            self._abandon()
            if isinstance(error, OSError):
                where = error.filename or self.folder
                raise StartFailedError(f"PostgreSQL cannot use {where}: {error.strerror}") from None
            raise

    def stop(self) -> None:
        """Stop it: running transactions are rolled back, nothing committed is lost. Safe to repeat."""
        self._abandon()

    def kill(self) -> None:
        """End the server as a crash would (SIGKILL); `start` recovers it on the same port."""
        self._child().kill()
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

    def _start_locked(self) -> None:
        survivor = self._record.survivor()
        if survivor:
            self._say("stopping the PostgreSQL of a Bursar that was killed")
            end_survivor(survivor, ask=signal.SIGINT, grace=STOP_GRACE_SECONDS)
        if self._wanted_port:
            require_free_port(self._wanted_port, needed_by="PostgreSQL", setting=PORT_SETTING)
        elif not self._port:
            self._port = free_port()
        account = server_account(self.data)
        found = programs(account)
        if not self.data.exists():
            self._say("creating the database cluster")
            create_cluster(self.folder, found, account)
        self._passwords = read_passwords(self.folder)
        self._disarm_stale_pid_file()
        self._launch(found, account)

    def _launch(self, found: Path, account: Account | None) -> None:
        """Start the server; again, for a while, when backends of a killed one have not noticed its death yet."""
        command = [str(found / "postgres"), "-D", HERE, "-c", f"port={self._port}"]
        command += [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        give_up = time.monotonic() + OLD_BACKENDS_SECONDS
        while True:
            self._server = ChildProcess(
                "PostgreSQL",
                command,
                log=self.log,
                directory=self.data,
                environment=environment(),
                account=account,
                stop_signal=signal.SIGINT,
                grace=STOP_GRACE_SECONDS,
            )
            self._server.start()
            self._record.write(self._server.identity)
            if self._wait_until_ready(self._server):
                return
            written = self._server.written()
            if OLD_BACKENDS_REMAIN not in written or time.monotonic() > give_up:
                raise StartFailedError(f"PostgreSQL did not start: {reason_in(written)} (log: {self.log})")
            time.sleep(POLL_SECONDS * 10)

    def _wait_until_ready(self, server: ChildProcess) -> bool:
        began = said = time.monotonic()
        while server.runs:
            # A stale file also says ready: the process id on its first line must be the new server's.
            lines = self._pid_file_lines()
            if len(lines) > READY_LINE and lines[0] == str(server.pid) and lines[READY_LINE].strip() == "ready":
                return True
            if time.monotonic() - said > SAY_EVERY_SECONDS:
                said = time.monotonic()
                self._say(f"PostgreSQL is recovering its data ({said - began:.0f} s)")
            time.sleep(POLL_SECONDS)
        return False

    def _disarm_stale_pid_file(self) -> None:
        """Let PostgreSQL start although the process id in its old lock file now belongs to a stranger.

        We hold the folder's lock and the server of the last run is dead, so the file is stale; PostgreSQL would still
        refuse if a process of our user now has that id. It accepts the id of its own parent, which is ours. The rest of
        the file stays: from it PostgreSQL finds backends of the dead server that still use the data, and refuses then.
        """
        lines = self._pid_file_lines()
        if lines and lines[0].isdigit() and Path("/proc", lines[0]).exists():
            (self.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:], ""]))

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _abandon(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._record.clear()
            self._server = None
        self._lock.release()

    def _child(self) -> ChildProcess:
        if self._server is None:
            raise StartFailedError("PostgreSQL was not started")
        return self._server
