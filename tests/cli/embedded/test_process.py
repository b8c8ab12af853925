"""A child process: stopped with grace, never left behind, its log private."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cli.embedded.identity import ProcessIdentity
from cli.embedded.process import ChildProcess
from cli.embedded.record import ProcessRecord, end_survivor
from cli.embedded.stop_request import stop_requests

QUIET = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + QUIET
PARENT = """
import sys, time
from pathlib import Path
from typing import Any
from cli.embedded.process import ChildProcess
child = ChildProcess("child", [sys.executable, "-c", sys.argv[2]], log=Path(sys.argv[1]) / "log",
                     directory=Path(sys.argv[1]), environment={})
child.start()
while "up" not in child.written():
    time.sleep(0.01)
print(child.pid, flush=True)
time.sleep(60)
"""


def child_of_ours(folder: Path, code: str, grace: float = 5.0) -> ChildProcess:
    child = ChildProcess(
        "child",
        [sys.executable, "-c", code],
        log=folder / "output.log",
        directory=folder,
        environment={},
        grace=grace,
    )
    child.start()
    deadline = time.monotonic() + 5
    while child.runs and "up" not in child.written() and time.monotonic() < deadline:
        time.sleep(0.01)
    return child


def test_what_stops_when_asked_is_not_killed(tmp_path: Path) -> None:
    child = child_of_ours(tmp_path, QUIET)
    assert child.stop()
    assert child.ending == "SIGTERM"
    assert child.identity is None


def test_what_does_not_stop_in_time_is_killed(tmp_path: Path) -> None:
    child = child_of_ours(tmp_path, STUBBORN, grace=0.1)
    assert not child.stop()
    assert child.ending == "SIGKILL"


def test_a_child_ends_with_the_process_that_started_it_even_by_kill_9(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), QUIET], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = ProcessIdentity.of(int(parent.stdout.readline()))
        assert child is not None
        parent.kill()
    deadline = time.monotonic() + 5
    while child.lives() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not child.lives()


def test_a_program_that_does_not_exist_says_so_in_its_log(tmp_path: Path) -> None:
    child = ChildProcess("child", ["/no/such"], log=tmp_path / "output.log", directory=tmp_path, environment={})
    child.start()
    assert child.wait(5)
    assert child.exit_code == 127
    assert child.written() == "cannot start such: No such file or directory\n"


def test_logs_and_what_the_program_writes_belong_to_their_user_alone(tmp_path: Path) -> None:
    child = child_of_ours(tmp_path, "open('made', 'w').close(); " + QUIET)
    child.stop()
    assert [oct((tmp_path / name).stat().st_mode & 0o777) for name in ("output.log", "made")] == ["0o600", "0o600"]


def test_only_what_this_run_wrote_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text("error of yesterday\n")
    child = child_of_ours(tmp_path, QUIET)
    child.stop()
    assert child.written() == "up\n"


def test_a_long_log_is_set_aside_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.embedded.process.KEEP_LOG_BELOW_BYTES", 10)
    (tmp_path / "output.log").write_text("more than ten bytes\n")
    child_of_ours(tmp_path, QUIET).stop()
    assert (tmp_path / "output.log").read_text() == "up\n"
    assert (tmp_path / "output.previous.log").read_text() == "more than ten bytes\n"


def test_a_recorded_survivor_is_recognised_and_ended(tmp_path: Path) -> None:
    record = ProcessRecord(tmp_path / "process.json")
    survivor = child_of_ours(tmp_path, STUBBORN)
    record.write(survivor.identity)
    found = record.survivor()
    assert found is not None
    assert found.pid == survivor.pid
    end_survivor(found, ask=signal.SIGTERM, grace=0.1)
    assert record.survivor() is None
    assert survivor.wait(5)


def test_a_stranger_that_was_given_the_same_process_id_is_left_alone(tmp_path: Path) -> None:
    me = ProcessIdentity.of(os.getpid())
    assert me is not None
    record = ProcessRecord(tmp_path / "process.json")
    record.write(ProcessIdentity(pid=me.pid, started=me.started - 1, boot=me.boot))
    assert record.survivor() is None
    record.write(ProcessIdentity(pid=me.pid, started=me.started, boot="before the last restart of the machine"))
    assert record.survivor() is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"pid": 1'])
def test_a_damaged_record_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "process.json").write_text(text)
    assert ProcessRecord(tmp_path / "process.json").survivor() is None


def test_a_signal_while_it_is_started_is_heard_once_it_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
        begun = begin(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return begun

    child = ChildProcess(
        "child", [sys.executable, "-c", QUIET], log=tmp_path / "output.log", directory=tmp_path, environment={}
    )
    monkeypatch.setattr("cli.embedded.process.subprocess.Popen", interrupted)
    with stop_requests(), pytest.raises(KeyboardInterrupt):
        child.start()
    assert child.runs
    child.stop()
