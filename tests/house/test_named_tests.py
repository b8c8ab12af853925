"""Pages that name tests as their proof name ones that exist."""

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PAGES = sorted((HOUSE / "docs").rglob("*.md"))
_NAMED = re.compile(r"`((?:tests/[\w/]+/)?test_\w+)(?:\.py)?`")
# what was reproduced in the system before this one; docs/flows/childcare.md answers for each
_RUNS = (
    "S2 S3 S3b S4 S5 S6 S6b S6c S7 S8 S9 S10 S11 S12 S12b S12c S13 S14 S14b S15 S16 S17 S17b S18 S19 S20 S21 S23 S24"
)
_RUNS += " S24b S25 S26 S27 S28 S28b S30 S31 S32"


def _there(name: str, files: dict[str, set[str]], functions: set[str]) -> bool:
    folder, _, short = name.rpartition("/")
    return short in functions if short not in files else not folder or folder in files[short]


def test_every_test_that_a_page_names_is_there() -> None:
    files: dict[str, set[str]] = {}
    functions: set[str] = set()
    for path in (HOUSE / "tests").rglob("test_*.py"):
        files.setdefault(path.stem, set()).add(path.parent.relative_to(HOUSE).as_posix())
        functions |= set(re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8")))
    for page in PAGES:
        named = set(_NAMED.findall(page.read_text(encoding="utf-8")))
        missing = sorted(name for name in named if not _there(name, files, functions))
        assert not missing, f"{page.relative_to(HOUSE)} names tests that are not there: {missing}"


@pytest.mark.parametrize("run", _RUNS.split())
def test_the_childcare_page_answers_for_each_run_with_a_test(run: str) -> None:
    page = (HOUSE / "docs/flows/childcare.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if re.match(rf"\| (?:S\w+, )*{run}(?:, S\w+)* \|", line)]
    assert _NAMED.search(row), row
