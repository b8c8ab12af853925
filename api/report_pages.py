"""Reports as answers: their rows, read for a whole page at once."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.context import ApiContext
from api.expense_pages import expense_views
from api.flow_pages import detail_of, links_of
from api.schemas.payout import PayoutView, payout_view
from api.schemas.report import ReportView, report_view
from db.queries import payout as payouts
from db.queries import report as reports
from db.unit_of_work import UnitOfWork

Row = Mapping[Any, Any]


async def report_views(context: ApiContext, uow: UnitOfWork, rows: Sequence[Row]) -> dict[UUID, ReportView]:
    """These reports by id, without their inside."""
    ids = [row["id"] for row in rows]
    expenses = await reports.expenses_of(uow, ids)
    written = await expense_views(uow, expenses)
    holdings = {row["report_id"]: row for row in await payouts.holdings_of(uow, ids)}
    shown = await payout_views(uow, list(holdings.values()))
    flow = context.flows[reports.FLOW]
    return {
        row["id"]: report_view(
            row,
            expenses,
            written,
            shown.get(row["id"]),
            links_of(context, flow.run({**row, "holding": holdings.get(row["id"])})),
        )
        for row in rows
    }


async def payout_views(uow: UnitOfWork, holdings: Sequence[Row]) -> dict[UUID, PayoutView]:
    """These payouts by their reports' ids."""
    ids = [row["report_id"] for row in holdings]
    expense_payouts = await payouts.expense_payouts_of(uow, ids)
    attempts = await payouts.attempts_of(uow, ids)
    in_flight = await payouts.on_their_way(uow, ids)
    return {
        row["report_id"]: payout_view(row, expense_payouts, attempts, on_its_way=row["report_id"] in in_flight)
        for row in holdings
    }


async def whole_report(context: ApiContext, uow: UnitOfWork, report_id: UUID) -> ReportView:
    """One report with everything that happened to it."""
    views = await report_views(context, uow, [await reports.get(uow, report_id)])
    return views[report_id].model_copy(update={"detail": await detail_of(uow, reports.FLOW, report_id)})
