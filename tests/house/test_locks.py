"""The lock files: exact, hashed, complete, free of addresses, and of one mind."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements.run.lock")
PIN = re.compile(r"^([a-z0-9-]+)==([^ ]+)(?: ; [^\\]+)?(?: \\)?$")


def pins(lock: str) -> dict[str, Version]:
    found = (PIN.match(line) for line in (ROOT / lock).read_text().splitlines())
    return {match[1]: Version(match[2]) for match in found if match}


def wanted(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_line_is_a_hashed_pin_and_none_an_address(lock: str) -> None:
    lines = [line for line in (ROOT / lock).read_text().splitlines() if not line.startswith("#")]
    assert [
        line for line in lines if not (PIN.match(line) or re.match(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$", line))
    ] == []
    for before, line in itertools.pairwise(lines):
        if PIN.match(before):
            assert line.startswith("    --hash=")


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", ["dev"]), ("requirements.run.lock", [])])
def test_what_the_project_asks_for_is_locked_within_its_bounds(lock: str, extras: list[str]) -> None:
    locked = pins(lock)
    missing = [
        str(asked)
        for asked in wanted(*extras)
        if (version := locked.get(canonicalize_name(asked.name))) is None or version not in asked.specifier
    ]
    assert missing == [], "run: make lock"


def test_images_run_the_versions_that_were_tested() -> None:
    tested = pins("requirements.lock")
    assert {
        name: version for name, version in pins("requirements.run.lock").items() if tested.get(name) != version
    } == {}


def test_images_carry_no_development_tools() -> None:
    assert {"pytest", "mypy", "ruff", "schemathesis"} & set(pins("requirements.run.lock")) == set()
