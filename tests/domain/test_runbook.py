"""Every case that a reimbursement may have names a runbook, and the place in it, that exist."""

import re
from pathlib import Path
from typing import Any

import pytest

from domain import runbook

ROOT = Path(__file__).parents[2]
SOURCES = (
    "db/flows/reimbursement*.py",
    "activities/*payout*.py",
    "activities/inbox_column.py",
    "activities/flow_command.py",
)


def kinds() -> set[str]:
    """The kinds of cases that the code about reimbursements opens, as far as they are written out there."""
    text = "".join(
        path.read_text() for pattern in SOURCES for path in ROOT.glob(pattern) if "provider" not in path.name
    )
    named = set(re.findall(r'(?:open_case\(|_case\(uow, row, )\s*"([a-z_]+)"', text))
    constants = re.findall(r"^(?:UNSETTLED|[A-Z, ]*MISSING) = (.+)$", text, re.MULTILINE)
    return named | {kind for line in constants for kind in re.findall(r'"([a-z_]+)"', line)}


def test_every_kind_of_case_of_a_reimbursement_names_its_runbook() -> None:
    found = kinds()
    assert {"payout_unsettled", "payout_stuck", "wire_overdue", "transfer_differs", "contradiction"} <= found
    assert {kind for kind in found if not runbook.runbook_of(kind, "reimbursement")} == {"transfer_unknown"}
    assert runbook.runbook_of("transfer_unknown", "column-transfer")


@pytest.mark.parametrize("place", sorted({*runbook.OF_REIMBURSEMENTS.values(), *runbook._OF_ALL.values()}))
def test_the_place_exists(place: Any) -> None:
    path, _, anchor = place.partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert not anchor or anchor in anchors
