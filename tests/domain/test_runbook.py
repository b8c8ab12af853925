"""Every case of a payout names a page, and a section, that exists."""

import re
from pathlib import Path

import pytest

from domain.runbook import FOLDER, runbook_of

ROOT = Path(__file__).parents[2]
OF_A_PAYOUT = [
    "contradiction",
    "event_does_not_fit",
    "needs_person",
    "notification_of_change",
    "payout_in_doubt",
    "payout_stuck",
    "payout_unclaimed",
    "payout_unsettled",
    "reverse_asked",
    "stranded",
    "transfer_differs",
    "transfer_missing",
    "wire_overdue",
]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        *((kind, "reimbursement") for kind in OF_A_PAYOUT),
        ("transfer_unknown", "column-transfer"),
        ("stopped", "reclaim"),
    ],
)
def test_the_page_of_a_case_exists_with_its_section(kind: str, subject: str) -> None:
    page, _, section = str(runbook_of(kind, subject)).partition("#")
    assert page.startswith(FOLDER)
    titles = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert not section or section in [title.lower().replace(" ", "-") for title in titles]


def test_a_case_of_another_flow_is_not_sent_to_a_payouts_page() -> None:
    assert runbook_of("needs_person", "ach_debit") is None
