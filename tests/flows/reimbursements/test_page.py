"""docs/flows/reimbursements.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
_PROOF = re.compile(r"\| (?P<file>(?:tests/\w+/)?test_\w+): (?P<name>\w+) \|$", re.MULTILINE)


def test_every_fault_that_cannot_happen_is_proved_by_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "flows" / "reimbursements.md").read_text(encoding="utf-8")
    table = page.partition("## Faults of the model")[2]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.endswith("| test |")]
    found = list(_PROOF.finditer(table))
    assert len(found) == len(rows) > 20
    for proof in found:
        file = proof["file"] if "/" in proof["file"] else f"tests/flows/reimbursements/{proof['file']}"
        assert f"def test_{proof['name']}(" in (ROOT / f"{file}.py").read_text(encoding="utf-8"), proof[0]
