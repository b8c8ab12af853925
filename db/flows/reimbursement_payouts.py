"""The two moments at which a reimbursement records everything at once: paying out a report, and undoing it."""

import hmac
from uuid import UUID

from db.flows.base import FlowRow
from db.flows.reimbursement import ReimbursementSteps
from db.flows.reimbursement_calls import book_call, ordinal_of
from db.flows.reimbursement_row import funding_steps, read_row, reversal_steps
from db.queries import money_call as money_calls
from db.queries import payout as payouts
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.errors import EvidenceMismatch
from domain.ids import new_id
from domain.money_call import OPEN_STATES
from domain.payout import FundingState, PayoutState
from domain.reimbursement_lines import clearing, funding
from domain.report import ReportEvent, ReportState, advance, approval_hash


async def reimburse(uow: UnitOfWork, steps: ReimbursementSteps, report_id: UUID) -> None:
    """Make the ExpensePayouts and the PayoutHolding of an approved report, each with its book transfer recorded.

    All of it in this transaction, so that pending lines show on the organization's ledger and the clearinghouse's at
    once. The approval's reservation gives way to the calls' holds. Nothing happens for a report that is not approved,
    or no longer.
    """
    row = await read_row(uow, report_id, lock=True)
    if row["state"] != ReportState.APPROVED:
        return
    expenses = [e for e in await reports.expenses_of(uow, [report_id]) if e["state"] == "approved"]
    if not hmac.compare_digest(approval_hash(row, expenses, row["method_id"]), row["approval_hash"]):
        raise EvidenceMismatch("The report is not what was approved: approve it again.")
    currency = row["currency"]
    holding_id: UUID = row["holding_id"]
    await payouts.add_holding(
        uow,
        holding_id,
        {
            "report_id": report_id,
            "amount": sum(e["amount"] for e in expenses),
            "currency": currency,
            "method_id": row["method_id"],
        },
    )
    await payouts.add_expense_payouts(
        uow,
        [
            {
                "id": new_id(),
                "report_id": report_id,
                "holding_id": holding_id,
                "expense_id": expense["id"],
                "amount": -expense["amount"],
                "currency": currency,
            }
            for expense in expenses
        ],
    )
    state = advance(row["state"], ReportEvent.REIMBURSE)
    await reports.change(uow, report_id, "reimbursing", state=state, code=None, message=None)
    today = (await uow.business_now()).date()
    await uow.ledger.void_hold(row["reservation_id"], f"{reports.FLOW}/{report_id}/reservation/void", today)
    made = await read_row(uow, report_id, lock=False)
    for step in funding_steps(made, FundingState.PENDING):
        await _record(uow, steps, made, step)


async def wind_up(uow: UnitOfWork, steps: ReimbursementSteps, report_id: UUID) -> list[str]:
    """What is still to be done until the organization has its money back; at the end, end the report for good.

    First every book transfer that may still happen is followed to its outcome, then the inverse of each that did is
    recorded, all in one transaction.
    """
    row = await read_row(uow, report_id, lock=True)
    if row["holding"] is None or row["holding"]["state"] != PayoutState.REVERSING:
        return []
    pending = funding_steps(row, FundingState.PENDING)
    in_flight = [step for step in pending if await _is_open(uow, row, step)]
    if in_flight:
        return in_flight
    for step in pending:
        await _cancelled(uow, row, step)
    undo = reversal_steps(row)
    for step in undo:
        await _record(uow, steps, row, step)
    if not undo:
        await _end(uow, row)
    return undo


async def _record(uow: UnitOfWork, steps: ReimbursementSteps, row: FlowRow, step: str) -> None:
    today = (await uow.business_now()).date()
    await uow.money_calls.record(reports.FLOW, row["id"], book_call(steps.accounts, row, step), "repeatable_key", today)


async def _is_open(uow: UnitOfWork, row: FlowRow, step: str) -> bool:
    call = await money_calls.of_step(uow, reports.FLOW, row["id"], step, ordinal_of(row, step))
    return call is not None and call.state in OPEN_STATES


async def _cancelled(uow: UnitOfWork, row: FlowRow, step: str) -> None:
    for payout_id, payout in row["expense_payouts"].items():
        if step.endswith(payout_id.hex):
            await payouts.change_expense_payout(uow, payout, "cancelled", state=FundingState.CANCELLED)
            return
    await payouts.change_holding(uow, row["holding"], "holding_cancelled", funding=FundingState.CANCELLED)


async def _end(uow: UnitOfWork, row: FlowRow) -> None:
    """The organization has everything back. The payout's accounts are closed: our own will cannot move them again."""
    event = ReportEvent.CANCEL if row["ending"] == "cancelled" else ReportEvent.REVERSE
    holding = row["holding"]
    await payouts.change_holding(uow, holding, row["ending"], state=PayoutState(row["ending"]))
    await reports.change(
        uow,
        row["id"],
        row["ending"],
        state=advance(row["state"], event),
        ended_at=await uow.business_now(),
        code=None,
        message=None,
    )
    for account in (clearing(holding["id"]), funding(holding["id"])):
        await uow.ledger.close_account(account, holding["currency"])
