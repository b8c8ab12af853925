"""The compliance checklist in the API."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.fields import ResponseModel
from domain.compliance import Finding


class ChecklistItem(ResponseModel):
    """One requirement. `ids` are the first hundred of the offending rows; `basis` says whether rule or policy."""

    item: str
    section: str
    asks: str
    basis: str
    status: Literal["met", "findings", "nothing_to_check", "not_recorded"] = Field(
        description="`not_recorded`: nothing is on record that could show it"
    )
    checked: int
    offending: int
    ids: list[str]


class Checklist(ResponseModel):
    """The checklist as the rows answer it now."""

    as_of: datetime = Field(description="business time")
    items: list[ChecklistItem]


def checklist_item(finding: Finding) -> ChecklistItem:
    """An item from what was found."""
    asked = finding.requirement
    return ChecklistItem(
        item=asked.item,
        section=asked.section,
        asks=asked.asks,
        basis=asked.basis,
        status=finding.status,
        checked=finding.checked,
        offending=finding.offending,
        ids=list(finding.ids),
    )
