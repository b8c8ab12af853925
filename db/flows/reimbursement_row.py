"""A reimbursement as its steps see it: the report's row, with its payee, holding and expense payouts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.queries import payout as payouts
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.payout import FundingState
from domain.reimbursement_step import StepKind, step_name


async def read_row(uow: UnitOfWork, report_id: UUID, *, lock: bool) -> dict[str, Any]:
    """The report (locked first, if asked: its lock covers the rest) with what belongs to its payout (`of_report`)."""
    report = await reports.get(uow, report_id, lock=lock)
    return {**report, **await payouts.of_report(uow, report_id)}


def funding_steps(row: Mapping[Any, Any], state: FundingState) -> list[str]:
    """The book transfers that stand in this state, in the order in which the money goes: first out, then together."""
    steps = [
        step_name(StepKind.EXPENSE_PAYOUT, payout_id)
        for payout_id, payout in row["expense_payouts"].items()
        if payout["state"] == state
    ]
    if row["holding"] is not None and row["holding"]["funding"] == state:
        steps.append(step_name(StepKind.PAYOUT_HOLDING))
    return steps


def reversal_steps(row: Mapping[Any, Any]) -> list[str]:
    """The inverse of what is settled, in the opposite order: FS Operating is filled before it is emptied."""
    steps = [step_name(StepKind.REVERSE_PAYOUT_HOLDING)] if row["holding"]["funding"] == FundingState.SETTLED else []
    return steps + [
        step_name(StepKind.REVERSE_EXPENSE_PAYOUT, payout_id)
        for payout_id, payout in row["expense_payouts"].items()
        if payout["state"] == FundingState.SETTLED
    ]
