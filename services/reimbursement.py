"""What is decided about a report: submit, review, approve, reject, and by which method a stuck payout is paid."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowRow, FlowSteps
from db.queries import payee as payees
from db.queries import reimbursement_policy as policies
from db.queries import report as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InsufficientFunds, InvalidInput, StateConflict
from domain.ids import new_id, public_id
from domain.ledger_accounts import organization_cash
from domain.principal import Principal
from domain.reimbursement_lines import reservation
from domain.report import ReportEvent, advance, approval_hash, require_seen, to_be_paid
from domain.report_policy import require_complete, require_not_frozen, require_payable
from services.approval_limit import require_left
from services.expense import freeze_mileage
from services.report import require_other_person


async def submit(uow: UnitOfWork, asker: Principal, report_id: UUID) -> RowMapping:
    """Hand the report in: from here on its amounts, rates, receipts and method do not change.

    Where the organization asks for no organizer's approval it goes to the approver at once.
    """
    row = await queries.get(uow, report_id, lock=True)
    policy = await policies.held(uow)
    event = ReportEvent.SUBMIT if policy.organizer_approval else ReportEvent.SUBMIT_UNREVIEWED
    state = advance(row["state"], event)
    require_not_frozen(policy)
    await freeze_mileage(uow, report_id)
    require_complete(row, policy, await queries.expenses_of(uow, [report_id]))
    method = await payees.get_method(uow, row["method_id"])
    if method["archived_at"] is not None:
        raise StateConflict("payout_method_archived", "The report's payout method is archived.", who_must_act="payee")
    payee = await payees.get(uow, row["payee_id"])
    if not payees.person(uow, payee).name.strip():
        raise StateConflict("payee_name_missing", "The payee has no name.", who_must_act="payee")
    await queries.add_author(uow, row, asker.operator_id)
    now = await uow.business_now()
    requested = {} if policy.organizer_approval else {"reimbursement_requested_at": now}
    return await queries.change(
        uow, report_id, "submitted", state=state, submitted_by=asker.operator_id, submitted_at=now, **requested
    )


async def review(
    uow: UnitOfWork, asker: Principal, report_id: UUID, expense_ids: Sequence[UUID] | None, *, seen: bytes | None = None
) -> RowMapping:
    """Approve these expenses (all of them when none is named) and ask for reimbursement; the others are not paid.

    Raises InsufficientFunds when the organization could not pay them now; nothing is reserved before the approval.
    """
    row = await queries.get(uow, report_id, lock=True)
    policy = await policies.held(uow)
    state = advance(row["state"], ReportEvent.REVIEW)
    await require_other_person(uow, row, asker.operator_id)
    require_not_frozen(policy)
    expenses = {expense["id"]: expense for expense in await queries.expenses_of(uow, [report_id])}
    require_seen(seen, approval_hash(row, expenses.values(), row["method_id"]))
    chosen = list(expenses) if expense_ids is None else list(expense_ids)
    if not chosen or not set(chosen) <= set(expenses):
        raise InvalidInput("expense_ids", "Name expenses of this report.")
    total = require_payable(row, policy, (expenses[expense_id]["amount"] for expense_id in set(chosen)))
    await _approve_expenses(uow, asker, [expenses[expense_id] for expense_id in chosen])
    changed = await queries.change(
        uow,
        report_id,
        "reimbursement_requested",
        state=state,
        reviewed_by=asker.operator_id,
        reimbursement_requested_at=await uow.business_now(),
    )
    available = await uow.ledger.available(organization_cash(uow.organization_id), row["currency"])
    if available.minor_units < total:
        raise InsufficientFunds
    return changed


async def approve(
    uow: UnitOfWork, flow: FlowSteps, asker: Principal, report_id: UUID, *, per_day: int, seen: bytes | None = None
) -> RowMapping:
    """Approve what was reviewed, reserve the organization's money for it, and start paying.

    `per_day` is the limit of an approver who has none of their own. Raises InsufficientFunds, with nothing changed,
    when the organization does not have the money. Of two approvals that together exceed the balance, or the
    approver's limit, only one passes: the ledger locks the balance's row, and the limit has a row of its own.
    """
    row = await queries.get(uow, report_id, lock=True)
    policy = await policies.held(uow)
    state = advance(row["state"], ReportEvent.APPROVE)
    await require_other_person(uow, row, asker.operator_id)
    require_not_frozen(policy)
    if policy.organizer_approval and row["reviewed_by"] is None:
        raise StateConflict(
            "review_missing", "An organizer must approve it first: return it to draft, submit it again."
        )
    approved = to_be_paid(await queries.expenses_of(uow, [report_id]))
    binding = approval_hash(row, approved, row["method_id"])
    require_seen(seen, binding)
    amount = require_payable(row, policy, (expense["amount"] for expense in approved))
    await require_left(uow, asker.operator_id, amount, default=per_day)
    await _approve_expenses(uow, asker, [expense for expense in approved if expense["state"] != "approved"])
    holding_id = new_id()
    now = await uow.business_now()
    reservation_id = await uow.ledger.hold(
        f"{queries.FLOW}/{report_id}/reservation",
        "reimbursement_reserved",
        row["currency"],
        reservation(uow.organization_id, holding_id, amount),
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
        approved_amount=amount,
        reimbursement_approved_at=now,
        approval_hash=binding,
        holding_id=holding_id,
        reservation_id=reservation_id,
    )
    await uow.start_workflow(flow.run(await flow.read(uow, report_id)))
    return await queries.get(uow, report_id)


async def reject(uow: UnitOfWork, asker: Principal, report_id: UUID, reason: str) -> RowMapping:
    """Say no before anything was approved."""
    row = await queries.get(uow, report_id, lock=True)
    state = advance(row["state"], ReportEvent.REJECT)
    await require_other_person(uow, row, asker.operator_id)
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
    try:
        await flow.command(uow, row, "method_changed", {"method_id": str(method_id)})
    except InvalidInput as refusal:
        # a signal names it otherwise
        raise InvalidInput("payout_method_id", refusal.message) from None
    row = await flow.read(uow, report_id)
    await uow.wake_workflow(flow.run(row))
    return row


async def _approve_expenses(uow: UnitOfWork, asker: Principal, expenses: Sequence[RowMapping]) -> None:
    now = await uow.business_now()
    for expense in expenses:
        await queries.change_expense(
            uow, expense, "approved", state="approved", approved_by=asker.operator_id, approved_at=now
        )
