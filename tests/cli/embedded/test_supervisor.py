"""The supervisor with tiny real programs: order, readiness, restarts, one owner, orderly stop."""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from cli.embedded import supervisor as supervisor_module
from cli.embedded.board import Board
from cli.embedded.failure import StartFailedError
from cli.embedded.identity import ProcessIdentity
from cli.embedded.machine import says_ready
from cli.embedded.part import Part
from cli.embedded.ports import LOOPBACK, free_port
from cli.embedded.program import Program
from cli.embedded.step import Step
from cli.embedded.supervisor import Supervisor
from tests.cli.embedded.fake_program import note

ALONE = """
import sys
from pathlib import Path
from rich.console import Console
from cli.embedded.board import Board
from cli.embedded.stop_request import stop_requests
from cli.embedded.supervisor import Supervisor
from tests.cli.embedded.test_supervisor import program
folder = Path(sys.argv[1])
parts = [program(folder, "a"), program(folder, "b", "--linger", "0.5")]
with stop_requests():
    try:
        with Supervisor(folder / "data", parts, Board(Console())) as running:
            print("running", flush=True)
            running.run()
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


def program(folder: Path, name: str, *arguments: str, port: int | None = None, seconds: float = 10.0) -> Program:
    options = ["--name", name, "--notes", str(folder / "notes"), *arguments]
    options += ["--port", str(port)] if port else []
    return Program(
        name,
        folder / "data" / name,
        ["tests.cli.embedded.fake_program", *options],
        ready=says_ready,
        environment=lambda: dict(os.environ),
        ports={f"PORT_OF_{name.upper()}": port} if port else None,
        start_seconds=seconds,
        grace=5.0,
    )


def supervised(folder: Path, *parts: Part | Step) -> tuple[Supervisor, io.StringIO]:
    shown = io.StringIO()
    return Supervisor(folder / "data", parts, Board(Console(file=shown, width=200))), shown


def notes(folder: Path) -> list[str]:
    return [line.split()[0] for line in (folder / "notes").read_text().splitlines()]


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def tend_until(running: Supervisor, condition: Callable[[], bool]) -> None:
    def tended() -> bool:
        running.tend()
        return condition()

    until(tended)


def test_parts_start_in_order_with_steps_between_and_stop_in_reverse(tmp_path: Path) -> None:
    step = Step("migrations", lambda: note(tmp_path / "notes", "=migrated"))
    running, shown = supervised(tmp_path, program(tmp_path, "a"), step, program(tmp_path, "b"))
    with running:
        assert notes(tmp_path) == ["+a", "=migrated", "+b"]
    assert notes(tmp_path) == ["+a", "=migrated", "+b", "-b", "-a"]
    lines = [line.rsplit(" ", 2)[0] for line in shown.getvalue().splitlines()]
    assert lines == ["✓ a", "✓ migrations", "✓ b", "✓ b stopped", "✓ a stopped"]


def test_a_part_that_fails_stops_the_others_and_is_quoted_in_one_line(tmp_path: Path) -> None:
    running, _ = supervised(tmp_path, program(tmp_path, "a"), program(tmp_path, "b", "--fail", "no such queue"))
    with pytest.raises(StartFailedError) as refused:
        running.start()
    assert str(refused.value) == f"b ended at once: no such queue (log: {tmp_path / 'data/b/output.log'})"
    assert notes(tmp_path) == ["+a", "+b", "-a"]


def test_a_part_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    running, _ = supervised(tmp_path, program(tmp_path, "a", "--mute", seconds=0.5))
    with pytest.raises(StartFailedError, match=r"a was not ready after [01] s \(log: "):
        running.start()


def test_a_taken_port_is_named_before_the_program_starts(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        running, _ = supervised(tmp_path, program(tmp_path, "a", port=port))
        with pytest.raises(StartFailedError, match=f"a: port {port} on .* choose another with PORT_OF_A"):
            running.start()
    assert not (tmp_path / "notes").exists()


def test_a_killed_part_starts_again_after_a_growing_pause_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_DELAY_SECONDS", 0.1)
    part = program(tmp_path, "a", port=free_port())
    running, shown = supervised(tmp_path, part)
    with running:
        for _ in range(2):
            killed = part.pid
            os.kill(killed, signal.SIGKILL)
            until(lambda: not part.runs)
            tend_until(running, lambda: part.runs)
            assert part.pid != killed
    assert "a ended (SIGKILL); starting it again in 0.1 s" in shown.getvalue()
    assert "a ended (SIGKILL); starting it again in 0.2 s" in shown.getvalue()
    assert shown.getvalue().count("✓ a runs again") == 2


def test_a_part_that_cannot_start_again_is_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_DELAY_SECONDS", 0.1)
    port = free_port()
    part = program(tmp_path, "a", port=port)
    running, shown = supervised(tmp_path, part)
    with running:
        part.kill()
        with socket.create_server((LOOPBACK, port)):
            tend_until(running, lambda: "trying again in" in shown.getvalue())
        tend_until(running, lambda: part.runs)
    assert f"! a: port {port} on 127.0.0.1 is taken" in shown.getvalue()


def test_two_supervisors_cannot_share_the_data(tmp_path: Path) -> None:
    first, _ = supervised(tmp_path, program(tmp_path, "a"))
    second, _ = supervised(tmp_path, program(tmp_path, "a"))
    with first, pytest.raises(StartFailedError, match=rf"the data in .*data is in use .*\(process {os.getpid()}\)"):
        second.start()
    assert notes(tmp_path) == ["+a", "-a"]


def test_a_disk_with_little_room_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.embedded.disk.NEEDED_MEGABYTES", 10**9)
    running, _ = supervised(tmp_path, program(tmp_path, "a"))
    with pytest.raises(StartFailedError, match=r"only \d+ MB are free on the disk that holds .*data; Bursar needs"):
        running.start()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file stands where the folder should be")
    running, _ = supervised(tmp_path, program(tmp_path, "a"))
    with pytest.raises(StartFailedError, match=r"cannot write to .*data: File exists"):
        running.start()


@pytest.mark.parametrize("asking", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(tmp_path: Path, asking: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", ALONE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as alone:
        try:
            assert alone.stdout
            assert "running\n" in alone.stdout
            alone.send_signal(asking)
            until(lambda: notes(tmp_path)[-1] == "-b")
            alone.send_signal(asking)  # an impatient person does not cut the stop short
            out, _ = alone.communicate(timeout=10)
        finally:
            alone.kill()
    assert alone.returncode == 0
    assert [line.rsplit(" ", 2)[0] for line in out.splitlines()[:-1]] == ["✓ b stopped", "✓ a stopped"]
    assert out.splitlines()[-1] == "stopped"
    assert notes(tmp_path) == ["+a", "+b", "-b", "-a"]


def test_a_signal_during_the_start_stops_what_runs_already(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ALONE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as alone:
        try:
            until(lambda: (tmp_path / "notes").exists() and notes(tmp_path) == ["+a"])
            alone.send_signal(signal.SIGINT)
            out, _ = alone.communicate(timeout=10)
        finally:
            alone.kill()
    assert alone.returncode == 0
    assert out.splitlines()[-1] == "stopped"
    assert notes(tmp_path)[-1] == "-a"
    assert "running" not in out


def test_after_a_killed_supervisor_nothing_runs_and_the_next_one_starts(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ALONE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as alone:
        assert alone.stdout
        until(lambda: (tmp_path / "notes").exists() and notes(tmp_path) == ["+a", "+b"])
        pids = [int(line.split()[1]) for line in (tmp_path / "notes").read_text().splitlines()]
        orphans = [ProcessIdentity.of(pid) for pid in pids]
        alone.kill()
    running, _ = supervised(tmp_path, program(tmp_path, "a"), program(tmp_path, "b"))
    with running:
        assert not any(orphan and orphan.lives() for orphan in orphans)


def test_only_a_ready_line_of_json_counts() -> None:
    assert says_ready('2026-11-20 starting\n{"ready": true, "addresses": {}}\n')
    assert says_ready('{"event": "worker_ready", "level": "info"}\n')
    assert not says_ready('{"ready": false}\n{"ready": \n"ready": true\n{"already": true}\n')
