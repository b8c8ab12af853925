"""A PostgreSQL server of our own: `with EmbeddedPostgres(folder) as server: server.url()`.

It listens on the loopback address only and asks every role for a password (scram-sha-256). Committed data survives the
death of the server and of the process that started it.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cli.embedded.failure import StartFailedError
from cli.embedded.part import Part, say_nothing
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
from cli.embedded.process import ChildProcess

PORT_SETTING = "BURSAR_DATABASE__PORT"
SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement must not put a person's data into the log. Its message may quote a value, its DETAIL a row:
    # `log` leaves out errors, of which the caller hears, and keeps what concerns the server itself.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
POLL_SECONDS = 0.02
STOP_GRACE_SECONDS = 60.0
SAY_EVERY_SECONDS = 2.0
OLD_BACKENDS_SECONDS = 15.0
OLD_BACKENDS_REMAIN = "pre-existing shared memory block"
READY_LINE = 7  # of postmaster.pid, counted from 0


class EmbeddedPostgres(Part):
    """One PostgreSQL server.

    `port` 0 takes a free one at the first start and keeps it. `settings` override `SETTINGS`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        settings: Mapping[str, str] | None = None,
        progress: Callable[[str], None] = say_nothing,
    ) -> None:
        super().__init__("PostgreSQL", folder, progress, stop_signal=signal.SIGINT, grace=STOP_GRACE_SECONDS)
        self.data = self.folder / "data"
        self._port_is_ours_to_choose = port == 0
        self._port = port
        self._settings = {**SETTINGS, **(settings or {})}
        self._passwords: dict[str, str] = {}

    @property
    def port(self) -> int:
        """The TCP port on the loopback address; 0 before the first start when any port will do."""
        return self._port

    def url(self, database: str = DATABASE, user: str = OWNER) -> str:
        """A SQLAlchemy URL with the password in it, for the owner or `bursar_app`: never print it."""
        return f"postgresql+asyncpg://{user}:{self._passwords[user]}@{LOOPBACK}:{self._port}/{database}"

    def app_url(self, database: str = DATABASE) -> str:
        """The URL of the application's own role."""
        return self.url(database, APPLICATION)

    def _launch(self) -> None:
        """Make the cluster if there is none, then start; a crash recovery is waited for, however long it takes.

        The start is repeated for a while when backends of a killed server have not noticed its death yet.
        """
        if not self._port:
            self._port = free_port()
        elif not self._port_is_ours_to_choose:
            require_free_port(self._port, needed_by=self.name, setting=PORT_SETTING)
        account = server_account(self.data)
        found = programs(account)
        if not self.data.exists():
            self._say("creating the database cluster")
            create_cluster(self.folder, found, account)
        self._passwords = read_passwords(self.folder)
        self._disarm_stale_pid_file()
        command = [str(found / "postgres"), "-D", HERE, "-c", f"port={self._port}"]
        command += [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        give_up = time.monotonic() + OLD_BACKENDS_SECONDS
        while not self._ready(self._run(command, directory=self.data, environment=environment(), account=account)):
            written = self._started().written()
            if OLD_BACKENDS_REMAIN not in written or time.monotonic() > give_up:
                raise StartFailedError(f"PostgreSQL did not start: {reason_in(written)} (log: {self.log})")
            time.sleep(POLL_SECONDS * 10)

    def _ready(self, server: ChildProcess) -> bool:
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
