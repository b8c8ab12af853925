"""/v1/reports: what a person is to be paid back, from draft to `reimbursed`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.auth import Asker, needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.report_pages import report_views, whole_report
from api.router import router
from api.schemas.report import NewReport, ReportEdit, ReportMaximum, ReportView
from api.unit_of_work import Work
from db.queries import report as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.report import ReportState
from services import report as service

routes = router("reports")


@routes.post("", status_code=201, dependencies=[needs("reports:write")], response_model=ReportView)
async def create(body: NewReport, once: Once, context: Context, asker: Asker) -> object:
    """Begin a draft."""
    payee_id = parse_public_id("payee", body.payee_id, field="payee_id")
    method_id = _method_id(body.payout_method_id)

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.create(uow, asker, payee_id, name=body.name, currency=body.currency, method_id=method_id)
        return Answer(201, (await report_views(context, uow, [row]))[row["id"]])

    return await once.answer(deed)


@routes.get("", dependencies=[needs("reports:read")])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    state: ReportState | None = None,
    payee_id: Annotated[str | None, Query(max_length=60)] = None,
) -> Page[ReportView]:
    """Reports, newest first."""
    filters: dict[str, Any] = {} if state is None else {"state": state.value}
    if payee_id is not None:
        filters["payee_id"] = parse_public_id("payee", payee_id, field="payee_id")
    rows = await queries.listed(uow, after=pages.after, limit=pages.fetch, filters=filters)
    views = await report_views(context, uow, rows)
    return pages.page(rows, lambda row: views[row["id"]], lambda row: row["id"])


@routes.get("/{report_id}", dependencies=[needs("reports:read")])
async def get(report_id: str, uow: Work, context: Context) -> ReportView:
    """One report with its payout, money calls, ledger lines, timeline and cases."""
    return await whole_report(context, uow, report_key(report_id))


@routes.patch("/{report_id}", dependencies=[needs("reports:write")])
async def edit(report_id: str, body: ReportEdit, uow: Work, context: Context, asker: Asker) -> ReportView:
    """Change a draft's name or payout method."""
    method_id = _method_id(body.payout_method_id)
    row = await service.edit(uow, asker, report_key(report_id), name=body.name, method_id=method_id)
    return (await report_views(context, uow, [row]))[row["id"]]


@routes.put("/{report_id}/maximum", dependencies=[needs("reports:review")])
async def limit(report_id: str, body: ReportMaximum, uow: Work, context: Context, asker: Asker) -> ReportView:
    """Say what a draft or submitted report may come to at most. Nobody does that for their own."""
    row = await service.limit(uow, asker, report_key(report_id), body.maximum)
    return (await report_views(context, uow, [row]))[row["id"]]


def report_key(text: str) -> UUID:
    """The report that a path names."""
    return parse_public_id("rmr", text, field="report_id")


def _method_id(text: str | None) -> UUID | None:
    return None if text is None else parse_public_id("pm", text, field="payout_method_id")
