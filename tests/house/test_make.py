"""`make`: explains itself, and refuses in one line what it cannot do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "rm", "touch", "grep", "env")


def test_help_names_every_target() -> None:
    shown = subprocess.run(["make", "--silent", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("help", "demo", "up", "test", "check", "lock", "clean", "endurance"):
        assert f"  make {target} " in shown


def test_make_without_a_target_is_help() -> None:
    shown = subprocess.run(["make", "--silent"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "  make demo" in shown


def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert os.access(ROOT / ".ci/environment", os.X_OK)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the set-up script and a PATH of its own, on which a test puts the Python that it wants."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def make_environment(project: Path, python: str) -> subprocess.CompletedProcess[str]:
    program = project / "bin/python3"
    program.write_text(f"#!{project}/bin/bash\n{python}\n")
    program.chmod(0o755)
    return subprocess.run(
        [str(project / ".ci/environment")],
        env={"PATH": str(project / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_one_clear_line(project: Path) -> None:
    old = '[ "$1" = --version ] && echo "Python 3.9.2" || exit 1'
    refused = make_environment(project, old)
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "Bursar needs Python 3.11 or newer; python3 is Python 3.9.2. Name another with: make PYTHON=/path/to/python3"
    ]


def test_a_python_that_cannot_make_environments_is_one_clear_line(project: Path) -> None:
    refused = make_environment(project, '[[ "$2" != *ensurepip* ]]')
    assert refused.returncode == 1
    assert refused.stderr == (
        f"{project}/bin/python3 cannot make environments: install its venv package"
        " (Debian, Ubuntu: apt-get install python3-venv) or uv\n"
    )
