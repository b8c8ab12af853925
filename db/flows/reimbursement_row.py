"""A reimbursement as its steps see it: the report's row, with its payee, holding and expense payouts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.queries import payee as payees
from db.queries import payout as payouts
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.payout import FundingState
from domain.reimbursement_step import StepKind, step_name


async def read_row(uow: UnitOfWork, report_id: UUID, *, lock: bool) -> dict[str, Any]:
    """The report (locked first, if asked: its lock covers the rest) with what belongs to its payout.

    `payee`, `holding` (None before it exists), `attempt` (the holding's present one, None before it is tried) and
    `expense_payouts` by id.
    """
    report = await reports.get(uow, report_id, lock=lock)
    holding = await payouts.holding_of(uow, report_id)
    return {
        **report,
        "payee": await payees.get(uow, report["payee_id"]),
        "holding": holding,
        "attempt": None if holding is None else await payouts.present_attempt(uow, holding),
        "expense_payouts": {payout["id"]: payout for payout in await payouts.expense_payouts_of(uow, [report_id])},
    }


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
