"""The money steps of a reimbursement by name: `payout`, `payout_holding`, `expense_payout/<id>` and their inverses.

`stop/<attempt>` asks the rail to stop what that attempt handed over.
"""

from enum import StrEnum
from uuid import UUID


class StepKind(StrEnum):
    """What a step does. All but `payout` and `stop` are book transfers between FS Main and FS Operating."""

    EXPENSE_PAYOUT = "expense_payout"
    PAYOUT_HOLDING = "payout_holding"
    PAYOUT = "payout"
    STOP = "stop"
    REVERSE_PAYOUT_HOLDING = "reverse_payout_holding"
    REVERSE_EXPENSE_PAYOUT = "reverse_expense_payout"


REVERSALS = frozenset({StepKind.REVERSE_PAYOUT_HOLDING, StepKind.REVERSE_EXPENSE_PAYOUT})


def step_name(kind: StepKind, expense_payout_id: UUID | None = None) -> str:
    """The step's name: a report has several expense payouts, each with a step of its own."""
    return kind.value if expense_payout_id is None else f"{kind}/{expense_payout_id.hex}"


def parse_step(step: str) -> tuple[StepKind, UUID | None]:
    """Read a step's name; the id of an expense payout where it is about one."""
    name, _, about = step.partition("/")
    kind = StepKind(name)
    return kind, UUID(hex=about) if about and kind is not StepKind.STOP else None


def stop_step(attempt: int) -> str:
    """The name of the step that stops an attempt: each attempt is stopped by itself."""
    return f"{StepKind.STOP}/{attempt}"


def stopped_attempt(step: str) -> int:
    """Which attempt such a step stops."""
    return int(step.partition("/")[2])
