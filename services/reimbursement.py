"""What is decided about a report: submit, review, approve, reject, and by which method a stuck payout is paid."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowRow, FlowSteps
from db.queries import payee as payees
from db.queries import report as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id, public_id
from domain.principal import Principal
from domain.reimbursement_lines import reservation
from domain.report import ReportEvent, advance, approval_hash, require_other_person, require_submittable


async def submit(uow: UnitOfWork, asker: Principal, report_id: UUID) -> RowMapping:
    """Hand the report in: from here on its amounts and its method do not change."""
    row = await queries.get(uow, report_id, lock=True)
    state = advance(row["state"], ReportEvent.SUBMIT)
    require_submittable(row, [expense["amount"] for expense in await queries.expenses_of(uow, [report_id])])
    method = await payees.get_method(uow, row["method_id"])
    if method["archived_at"] is not None:
        raise StateConflict("payout_method_archived", "The report's payout method is archived.", who_must_act="payee")
    now = await uow.business_now()
    return await queries.change(
        uow, report_id, "submitted", state=state, submitted_by=asker.operator_id, submitted_at=now
    )


async def review(uow: UnitOfWork, asker: Principal, report_id: UUID, expense_ids: Sequence[UUID] | None) -> RowMapping:
    """Approve these expenses (all of them when none is named) and ask for reimbursement; the others are not paid."""
    row = await queries.get(uow, report_id, lock=True)
    state = advance(row["state"], ReportEvent.REVIEW)
    require_other_person(row, asker.operator_id)
    expenses = {expense["id"]: expense for expense in await queries.expenses_of(uow, [report_id])}
    chosen = list(expenses) if expense_ids is None else list(expense_ids)
    if not chosen or not set(chosen) <= set(expenses):
        raise InvalidInput("expense_ids", "Name expenses of this report.")
    now = await uow.business_now()
    for expense_id in chosen:
        await queries.change_expense(
            uow,
            expenses[expense_id],
            "approved",
            state="approved",
            approved_by=asker.operator_id,
            approved_at=now,
        )
    return await queries.change(
        uow,
        report_id,
        "reimbursement_requested",
        state=state,
        reviewed_by=asker.operator_id,
        reimbursement_requested_at=now,
    )


async def approve(uow: UnitOfWork, flow: FlowSteps, asker: Principal, report_id: UUID) -> RowMapping:
    """Approve what was reviewed, reserve the organization's money for it, and start paying.

    Raises InsufficientFunds, with nothing changed, when the organization does not have it. Of two approvals that
    together exceed the balance only one passes: the ledger holds the balance's row.
    """
    row = await queries.get(uow, report_id, lock=True)
    state = advance(row["state"], ReportEvent.APPROVE)
    require_other_person(row, asker.operator_id)
    approved = [e for e in await queries.expenses_of(uow, [report_id]) if e["state"] == "approved"]
    require_submittable(row, [expense["amount"] for expense in approved])
    holding_id = new_id()
    now = await uow.business_now()
    reservation_id = await uow.ledger.hold(
        f"{queries.FLOW}/{report_id}/reservation",
        "reimbursement_reserved",
        row["currency"],
        reservation(uow.organization_id, holding_id, sum(expense["amount"] for expense in approved)),
        now.date(),
        owner_kind="reservation",
        owner_id=report_id,
        description=f"Reserved for {public_id('rmr', report_id)}",
    )
    await queries.change(
        uow,
        report_id,
        "reimbursement_approved",
        state=state,
        approved_by=asker.operator_id,
        reimbursement_approved_at=now,
        approval_hash=approval_hash(row, approved, row["method_id"]),
        holding_id=holding_id,
        reservation_id=reservation_id,
    )
    await uow.start_workflow(flow.run(await flow.read(uow, report_id)))
    return await queries.get(uow, report_id)


async def reject(uow: UnitOfWork, asker: Principal, report_id: UUID, reason: str) -> RowMapping:
    """Say no before anything was approved."""
    row = await queries.get(uow, report_id, lock=True)
    state = advance(row["state"], ReportEvent.REJECT)
    require_other_person(row, asker.operator_id)
    return await queries.change(uow, report_id, "rejected", state=state, message=reason or None)


async def return_to_draft(uow: UnitOfWork, report_id: UUID) -> RowMapping:
    """Open a report again that is not approved; approvals of its expenses are void."""
    row = await queries.get(uow, report_id, lock=True)
    state = advance(row["state"], ReportEvent.RETURN_TO_DRAFT)
    for expense in await queries.expenses_of(uow, [report_id]):
        if expense["state"] == "approved":
            await queries.change_expense(
                uow, expense, "approval_voided", state="pending", approved_by=None, approved_at=None
            )
    return await queries.change(
        uow,
        report_id,
        "returned_to_draft",
        state=state,
        submitted_by=None,
        submitted_at=None,
        reviewed_by=None,
        reimbursement_requested_at=None,
        message=None,
    )


async def choose_method(uow: UnitOfWork, flow: FlowSteps, report_id: UUID, method_id: UUID) -> FlowRow:
    """Pay this stuck payout by this method; no other payout moves with it. The waiting workflow goes on."""
    row = await flow.lock(uow, report_id)
    await flow.command(uow, row, "method_changed", {"method_id": str(method_id)})
    row = await flow.read(uow, report_id)
    await uow.wake_workflow(flow.run(row))
    return row
