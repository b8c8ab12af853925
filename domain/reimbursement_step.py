"""The money steps of a reimbursement by name: `payout`, `payout_holding`, `expense_payout/<id>` and their inverses."""

from enum import StrEnum
from uuid import UUID


class StepKind(StrEnum):
    """What a step does. Every step but `payout` is a book transfer between FS Main and FS Operating."""

    EXPENSE_PAYOUT = "expense_payout"
    PAYOUT_HOLDING = "payout_holding"
    PAYOUT = "payout"
    REVERSE_PAYOUT_HOLDING = "reverse_payout_holding"
    REVERSE_EXPENSE_PAYOUT = "reverse_expense_payout"


REVERSALS = frozenset({StepKind.REVERSE_PAYOUT_HOLDING, StepKind.REVERSE_EXPENSE_PAYOUT})


def step_name(kind: StepKind, expense_payout_id: UUID | None = None) -> str:
    """The step's name: a report has several expense payouts, each with a step of its own."""
    return kind.value if expense_payout_id is None else f"{kind}/{expense_payout_id.hex}"


def parse_step(step: str) -> tuple[StepKind, UUID | None]:
    """Read a step's name."""
    kind, _, expense_payout_id = step.partition("/")
    return StepKind(kind), UUID(hex=expense_payout_id) if expense_payout_id else None
