"""The documents name the tests that prove what they say: each of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_PATH = re.compile(r"\btests/[\w./]+")
_NAME = re.compile(r"(?<![\w/])test_\w+(?!\.py)\b")
_PAIR = re.compile(r"\b(test_\w+): (\w+)")
_DEFINED = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


def documents() -> dict[str, str]:
    """The text of every document on flows."""
    return {path.name: path.read_text() for path in sorted((ROOT / "docs" / "flows").glob("*.md"))}


def test_every_test_that_a_document_names_exists() -> None:
    """By its own name or by its file's."""
    files = [*(ROOT / "tests").rglob("test_*.py")]
    known = {name for path in files for name in (path.stem, *_DEFINED.findall(path.read_text()))}
    named = {name for text in documents().values() for name in _NAME.findall(text)}
    assert len(named) > 10, "the documents name tests, in a form that this finds"
    assert sorted(named - known) == []


def test_every_file_of_tests_that_a_document_names_exists() -> None:
    named = {path.rstrip(".") for text in documents().values() for path in _PATH.findall(text)}
    assert named
    missing = [path for path in named if not any((ROOT / f"{path}{ending}").exists() for ending in ("", ".py"))]
    assert sorted(missing) == []


def test_every_test_that_a_table_names_by_its_file_is_in_that_file() -> None:
    """`test_checks: a_check_is_mailed_…`, and `tests/inbox/test_inbox: …` with the folder."""
    pairs = {pair for text in documents().values() for pair in _PAIR.findall(text)}
    assert len(pairs) > 10, "the documents name tests by their files, in a form that this finds"
    found = {
        (path.stem, name.removeprefix("test_"))
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in _DEFINED.findall(path.read_text())
    }
    assert sorted(pairs - found) == []
