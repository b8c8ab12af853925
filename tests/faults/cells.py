"""The cells of the fault matrix that need nothing but a partner who misbehaves, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.drivers.base import REPEATED, Driver

AFTER_THE_TIMEOUT_MS = 2_500
"""Longer than we wait for an answer (2 s), shorter than the send window and the settling delay (3.5 s)."""


@dataclass(frozen=True)
class Cell:
    """`processed`: whether the partner did it, although we did not hear so. None: we heard."""

    name: str
    kind: str = ""
    processed: bool | None = None
    how: Mapping[str, Any] = field(default_factory=dict)

    def ends(self, driver: Driver) -> str:
        """`done` or `undone`: what the flow must come to in the end."""
        if self.name == "declined":
            return "undone"
        return "done" if self.processed is not False or driver.finding in REPEATED else "undone"

    def rests(self, driver: Driver) -> frozenset[str]:
        """The states in which the money call may be while nobody helps."""
        if self.processed is not None and driver.finding == "person":
            return frozenset({"needs_person"})
        if self.processed is False and driver.finding == "report":
            return frozenset({"unknown"})
        return frozenset({"applied" if self.ends(driver) == "done" else "refused"})


CELLS = (
    Cell("undisturbed"),
    Cell("declined"),
    Cell("cut_before_processing", "cut_before", processed=False),
    Cell("cut_after_processing", "cut_after", processed=True),
    Cell("late_answer", "delay_after", True, {"delay_ms": AFTER_THE_TIMEOUT_MS}),
    Cell("late_processing", "delay_before", True, {"delay_ms": AFTER_THE_TIMEOUT_MS}),
    Cell("no_answer_ever", "cut_before", False, {"delay_ms": AFTER_THE_TIMEOUT_MS}),
    Cell("malformed_unprocessed", "malformed_before", processed=False),
    Cell("malformed_processed", "malformed", processed=True),
    Cell("http_500_before_processing", "http_500_before", processed=False),
    Cell("http_500_after_processing", "http_500_after", processed=True),
    Cell("http_429_unprocessed", "status:429", processed=False),
    Cell("http_409_processed", "status_after:409", processed=True),
    Cell("wrong_amount_echoed", "wrong_amount", processed=True),
    Cell("wrong_reference_echoed", "wrong_reference", processed=True),
)
