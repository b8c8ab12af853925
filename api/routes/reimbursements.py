"""/v1/reports/{id}/…: what is decided about a report, and what is done with its payout."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from api.auth import Asker, needs
from api.context import Context
from api.flow_pages import asked
from api.idempotency import Answer, Once
from api.report_pages import report_views, whole_report
from api.router import router
from api.routes.reports import report_key
from api.schemas.flow import CommandRequest
from api.schemas.report import Approval, MethodChoice, ReportView, Review, seen_hash
from db.queries import payout as payouts
from db.queries import report as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.payout import PayoutState
from services import reimbursement as service
from services.flow_command import command

routes = router("reports")

_UNDER_WAY = (PayoutState.FUNDING, PayoutState.SENDING)


@routes.post("/{report_id}/submit", dependencies=[needs("reports:write")], response_model=ReportView)
async def submit(report_id: str, once: Once, context: Context, asker: Asker) -> object:
    """Hand a draft in."""
    return await _decided(once, context, lambda uow: service.submit(uow, asker, report_key(report_id)))


@routes.post("/{report_id}/review", dependencies=[needs("reports:review")], response_model=ReportView)
async def review(report_id: str, body: Review, once: Once, context: Context, asker: Asker) -> object:
    """Approve expenses and ask for their reimbursement. Nobody reviews their own report."""
    chosen = None
    if body.expense_ids is not None:
        chosen = [parse_public_id("rex", expense_id, field="expense_ids") for expense_id in body.expense_ids]
    key, seen = report_key(report_id), seen_hash(body.content_hash)
    return await _decided(once, context, lambda uow: service.review(uow, asker, key, chosen, seen=seen))


@routes.post(
    "/{report_id}/approve", status_code=202, dependencies=[needs("reports:approve")], response_model=ReportView
)
async def approve(report_id: str, once: Once, context: Context, asker: Asker, body: Approval | None = None) -> object:
    """Approve and pay: the money is reserved, then funded, then sent. Nobody approves their own report."""
    key, seen = report_key(report_id), None if body is None else seen_hash(body.content_hash)
    per_day = context.settings.limits.approver_per_day

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.approve(uow, context.flows[queries.FLOW], asker, key, per_day=per_day, seen=seen)
        return Answer(202, (await report_views(context, uow, [row]))[row["id"]])

    async def settled(uow: UnitOfWork) -> Answer | None:
        holding = await payouts.holding_of(uow, key)
        if holding is None or holding["state"] in _UNDER_WAY:
            return None
        return Answer(200, await whole_report(context, uow, key))

    return await once.answer(deed, settled)


@routes.post("/{report_id}/reject", dependencies=[needs("reports:review")], response_model=ReportView)
async def reject(report_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Say no before approval."""
    return await _decided(once, context, lambda uow: service.reject(uow, asker, report_key(report_id), body.reason))


@routes.post("/{report_id}/return-to-draft", dependencies=[needs("reports:write")], response_model=ReportView)
async def return_to_draft(report_id: str, once: Once, context: Context) -> object:
    """Open a report again that is not approved."""
    return await _decided(once, context, lambda uow: service.return_to_draft(uow, report_key(report_id)))


@routes.post(
    "/{report_id}/payout-method", status_code=202, dependencies=[needs("reports:write")], response_model=ReportView
)
async def choose_method(report_id: str, body: MethodChoice, once: Once, context: Context) -> object:
    """Pay a stuck payout by another method of the payee: this payout and no other."""
    method_id = parse_public_id("pm", body.payout_method_id, field="payout_method_id")
    flow = context.flows[queries.FLOW]
    return await _decided(
        once, context, lambda uow: service.choose_method(uow, flow, report_key(report_id), method_id), status=202
    )


@routes.post("/{report_id}/retry", status_code=202, response_model=ReportView)
async def retry(report_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Try again what was refused or came back, by the same method."""
    return await _commanded("retry", report_key(report_id), body, once, context, asker)


@routes.post("/{report_id}/cancel", status_code=202, response_model=ReportView)
async def cancel(report_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Stop before the transfer to the payee is handed to the bank; what was booked goes back."""
    return await _commanded("cancel", report_key(report_id), body, once, context, asker)


@routes.post("/{report_id}/reverse", status_code=202, response_model=ReportView)
async def reverse(report_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Give the money of a failed payout back to the organization. The report is never paid after that."""
    return await _commanded("reverse", report_key(report_id), body, once, context, asker)


@routes.post("/{report_id}/stop", status_code=202, response_model=ReportView)
async def stop(report_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Stop a check that nobody has cashed. What the bank pays meanwhile stays paid."""
    return await _commanded("stop", report_key(report_id), body, once, context, asker)


async def _commanded(
    name: str, report_id: UUID, body: CommandRequest, once: Once, context: Context, asker: Asker
) -> object:
    flow = context.flows[queries.FLOW]
    return await _decided(
        once, context, lambda uow: command(uow, flow, asker, report_id, name, asked(body)), status=202
    )


async def _decided(
    once: Once,
    context: Context,
    decide: Callable[[UnitOfWork], Awaitable[Mapping[Any, Any]]],
    *,
    status: int = 200,
) -> object:
    async def deed(uow: UnitOfWork) -> Answer:
        row = await decide(uow)
        return Answer(status, (await report_views(context, uow, [row]))[row["id"]])

    return await once.answer(deed)
