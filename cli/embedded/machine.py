"""The parts that make up Bursar on this machine, in the order of their dependencies, as the settings choose them."""

import http
import http.client
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from cli.configuration import embeds_postgres, embeds_temporal, postgres_folder, with_database
from cli.embedded.board import Board
from cli.embedded.part import Part
from cli.embedded.ports import LOOPBACK
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.program import Program
from cli.embedded.step import Step
from cli.embedded.supervisor import Supervisor
from cli.embedded.temporal import EmbeddedTemporal
from settings import Settings

WORKER_MARGIN_SECONDS = 15.0
ANSWER_SECONDS = 5.0


def supervisor(settings: Settings, board: Board) -> Supervisor:
    """Bursar on this machine: `with supervisor(settings, board) as running: ...`.

    What the settings point elsewhere is not started here: a database by URL, a Temporal server by address, partners on
    another host or real ones.
    """
    parts: list[Part | Step] = []
    folder = settings.data_dir.absolute()
    if embeds_postgres(settings):
        parts.append(
            EmbeddedPostgres(postgres_folder(settings), port=settings.database.port, progress=board.detail),
        )
    if embeds_temporal(settings):
        parts.append(
            EmbeddedTemporal(
                folder / "temporal",
                port=settings.temporal.port,
                ui_port=settings.temporal.ui_port,
                codec_endpoint=f"{settings.api.public_url}/codec",
                progress=board.detail,
            )
        )
    if embeds_postgres(settings) or settings.database.owner_url.get_secret_value():
        parts.append(Step("migrations", lambda: _migrate(settings)))
    if settings.environment == "sandbox" and settings.sandbox.host == LOOPBACK:
        parts.append(_sandbox(settings, folder, board))
    parts.append(_worker(settings, folder, board))
    parts.append(_api(settings, folder, board))
    return Supervisor(folder, parts, board)


def says_ready(written: str) -> bool:
    """Whether a program wrote the line of JSON by which it says that it is at work.

    That is `{"ready": true, ...}` of the sandbox or the event `worker_ready` in the worker's log.
    """
    for line in written.splitlines():
        if line.startswith("{") and "ready" in line:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if said.get("ready") is True or said.get("event") == "worker_ready":
                return True
    return False


def serves(host: str, port: int) -> bool:
    """Whether the API says that it can serve requests: it reaches its database."""
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _migrate(settings: Settings) -> None:
    from cli.migrations import let_clock_advance, upgrade

    owner_url = with_database(settings).database.owner_url.get_secret_value()
    upgrade(owner_url)
    if settings.environment == "sandbox":
        let_clock_advance(owner_url)


def _sandbox(settings: Settings, folder: Path, board: Board) -> Program:
    wanted = settings.sandbox
    servers = ("control", "epx", "chek", "column", "paypal", "mailbox")
    ports = {name: getattr(wanted, f"{name}_port") for name in servers}
    arguments = ["sandbox", "--host", wanted.host, "--data-dir", str(folder / "sandbox" / "books")]
    arguments += ["--column-webhook-url", f"{settings.api.public_url}/v1/webhooks/column"]
    arguments += ["--paypal-webhook-url", f"{settings.api.public_url}/v1/webhooks/paypal"]
    arguments += [part for name, port in ports.items() for part in (f"--{name}-port", str(port))]
    return Program(
        "sandbox partners",
        folder / "sandbox",
        arguments,
        ready=says_ready,
        environment=_plain_environment,
        ports={f"BURSAR_SANDBOX__{name.upper()}_PORT": port for name, port in ports.items()},
        progress=board.detail,
    )


def _worker(settings: Settings, folder: Path, board: Board) -> Program:
    return Program(
        "worker",
        folder / "worker",
        ["worker"],
        ready=says_ready,
        environment=_environment(settings),
        grace=settings.worker.graceful_shutdown_seconds + WORKER_MARGIN_SECONDS,
        progress=board.detail,
    )


def _api(settings: Settings, folder: Path, board: Board) -> Program:
    return Program(
        "API",
        folder / "api",
        ["api"],
        ready=lambda _: serves(settings.api.host, settings.api.port),
        environment=_environment(settings),
        ports={"BURSAR_API__PORT": settings.api.port},
        grace=settings.api.longest_wait_seconds + WORKER_MARGIN_SECONDS,
        progress=board.detail,
    )


def _plain_environment() -> Mapping[str, str]:
    """The sandbox gets none of our settings: it is another company."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BURSAR_")}


def _environment(settings: Settings) -> Callable[[], Mapping[str, str]]:
    """What worker and API are told: our own settings and the application's database URL, never the owner's."""

    def told() -> Mapping[str, str]:
        environment = {**os.environ, "BURSAR_DATA_DIR": str(settings.data_dir.absolute())}
        environment["BURSAR_DATABASE__URL"] = with_database(settings).database.url.get_secret_value()
        environment.pop("BURSAR_DATABASE__OWNER_URL", None)
        return environment

    return told
