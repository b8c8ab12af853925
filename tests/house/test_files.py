"""House rules about files: small, named by their nouns, and silent about where packages are downloaded."""

import re
import statistics
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 400
MEDIAN_BELOW = 90
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
# Written in parts, so that this file does not find itself.
DOWNLOAD_HOSTS = re.compile(
    "|".join(("python" + "hosted", r"py" + r"pi\.org", r"registry\.np" + r"mjs", r"deb\.de" + "bian"))
)


def tracked(*patterns: str) -> list[Path]:
    """Files under version control, or every file when this is a copy without a repository."""
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False)
    found = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in found if path.is_file()]


@pytest.fixture(scope="module")
def sources() -> list[Path]:
    found = tracked("*.py")
    assert found
    return found


def test_no_file_is_longer_than_a_reader_can_hold(sources: list[Path]) -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in sources}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_most_files_are_short(sources: list[Path]) -> None:
    ours = [path for path in sources if path.name != "__init__.py"]
    assert statistics.median(len(path.read_text().splitlines()) for path in ours) < MEDIAN_BELOW


def test_no_file_has_a_shapeless_name(sources: list[Path]) -> None:
    assert [path for path in sources if path.stem in SHAPELESS or path.parent.name in SHAPELESS] == []


def test_no_tracked_file_names_a_download_host() -> None:
    guilty = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if DOWNLOAD_HOSTS.search(text):
            guilty.append(path.relative_to(ROOT))
    assert guilty == []


def test_every_module_is_in_the_distribution() -> None:
    """What is only in the checkout is found by programs that are started in it, and by no installed command."""
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    modules = {path.stem for path in tracked("*.py") if path.parent == ROOT}
    packages = {f"{path.relative_to(ROOT).parts[0]}*" for path in tracked("*.py") if path.parent != ROOT}
    assert modules == {*built["py-modules"]}
    assert packages - {"tests*", "bench*"} == {*built["packages"]["find"]["include"]}
