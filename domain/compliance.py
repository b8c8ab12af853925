"""The compliance checklist of seed 003, section 11: what is asked, by which rule, and what the rows answer."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["met", "findings", "nothing_to_check", "not_recorded"]
SHOWN_IDS = 100
RECORDS_YEARS = 6
"""For so long records are kept (Nacha), so as far back dates are looked at."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the checklist. `noun` is whose ids the findings are; `basis` says whether it is a rule or policy."""

    item: str
    section: str
    asks: str
    basis: str
    noun: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How many rows were looked at, how many do not meet the requirement, and the first of their ids."""

    requirement: Requirement
    checked: int
    offending: int
    ids: tuple[str, ...]
    not_recorded: bool = False

    @property
    def status(self) -> Status:
        """`not_recorded`: nothing is on record that could show it, which is not the same as met."""
        if self.not_recorded:
            return "not_recorded"
        if not self.checked:
            return "nothing_to_check"
        return "findings" if self.offending else "met"
