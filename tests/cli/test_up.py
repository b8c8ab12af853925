"""`bursar up` as a person uses it: start, look, lose a part, stop; everything real, on ports and data of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.embedded.identity import ProcessIdentity
from cli.embedded.ports import accepts_connections, free_port

SERVERS = ("API__PORT", "DATABASE__PORT", "TEMPORAL__PORT", "TEMPORAL__UI_PORT")
PARTNERS = ("CONTROL", "EPX", "CHEK", "COLUMN", "MAILBOX")
PORTS = (*SERVERS, *(f"SANDBOX__{name}_PORT" for name in PARTNERS))
BURSAR = [sys.executable, "-m", "cli.main"]
SECONDS = 60.0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ours = {f"BURSAR_{name}": str(free_port()) for name in PORTS}
    return {**os.environ, **ours, "BURSAR_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"}


class Up:
    """A running `bursar up`, and what it has said so far."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen([*BURSAR, "up"], env=environment, stdout=out, stderr=subprocess.STDOUT)

    def said(self) -> str:
        return self._log.read_text()

    def wait_for(self, text: str) -> None:
        give_up = time.monotonic() + SECONDS
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < give_up, self.said()
            time.sleep(0.05)


@pytest.fixture
def up(environment: dict[str, str], tmp_path: Path) -> Iterator[Up]:
    running = Up(environment, tmp_path / "said")
    yield running
    running.process.kill()
    running.process.wait()


def bursar(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*BURSAR, *command], env=environment, capture_output=True, text=True, check=False)


def part(environment: dict[str, str], name: str) -> ProcessIdentity:
    noted = json.loads(Path(environment["BURSAR_DATA_DIR"], name, "process.json").read_text())
    return ProcessIdentity(**noted)


def test_everything_starts_in_order_is_healthy_survives_a_killed_part_and_stops_on_ctrl_c(
    environment: dict[str, str], up: Up
) -> None:
    up.wait_for("Ctrl-C stops it")
    names = [line[2:].rsplit(" ", 2)[0] for line in up.said().splitlines() if line.startswith("✓")]
    assert names == ["PostgreSQL", "Temporal", "migrations", "sandbox partners", "worker", "API"]
    assert f"http://127.0.0.1:{environment['BURSAR_API__PORT']}/docs" in up.said()
    assert "postgresql" not in up.said()

    healthy = bursar(environment, "doctor")
    assert healthy.returncode == 0, healthy.stdout
    refused = bursar(environment, "up")
    assert refused.returncode == 1
    in_use = f"the data in {environment['BURSAR_DATA_DIR']} is in use by another Bursar (process {up.process.pid})"
    assert refused.stderr == f"bursar: {in_use}; stop that one first\n"
    assert refused.stdout == ""

    killed = part(environment, "worker")
    os.kill(killed.pid, signal.SIGKILL)
    up.wait_for("worker ended (SIGKILL); starting it again in 0.5 s")
    up.wait_for("✓ worker runs again")
    assert part(environment, "worker") != killed

    parts = [part(environment, name) for name in ("postgres", "temporal", "sandbox", "worker", "api")]
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(SECONDS) == 0
    names = [line[2:].rsplit(" ", 2)[0] for line in up.said().splitlines() if line.startswith("✓")][-5:]
    stopped = ["API", "worker", "sandbox partners", "Temporal", "PostgreSQL"]
    assert names == [f"{name} stopped" for name in stopped]
    assert not any(each.lives() for each in parts)
    assert not any(accepts_connections(int(environment[f"BURSAR_{name}"])) for name in PORTS)
