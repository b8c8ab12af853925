"""/v1/payouts: payout holdings, to see which wait for somebody. What is done with one is asked of its report."""

from typing import Any, Literal

from api.auth import needs
from api.pagination import Page, Pages
from api.report_pages import payout_views
from api.router import router
from api.schemas.payout import PayoutView
from api.unit_of_work import Work
from db.queries import payout as queries
from domain.ids import parse_public_id
from domain.payout import PayoutState

routes = router("payouts")


@routes.get("", dependencies=[needs("reports:read")])
async def list_all(
    uow: Work,
    pages: Pages,
    state: PayoutState | None = None,
    who_must_act: Literal["payee", "operator", "nobody"] | None = None,
) -> Page[PayoutView]:
    """Payouts, newest first."""
    filters: dict[str, Any] = {} if state is None else {"state": state.value}
    if who_must_act is not None:
        filters["must_act"] = who_must_act
    rows = await queries.listed(uow, after=pages.after, limit=pages.fetch, filters=filters)
    views = await payout_views(uow, rows)
    return pages.page(rows, lambda row: views[row["report_id"]], lambda row: row["id"])


@routes.get("/{payout_id}", dependencies=[needs("reports:read")])
async def get(payout_id: str, uow: Work) -> PayoutView:
    """One payout with its expense payouts and every attempt."""
    row = await queries.get_holding(uow, parse_public_id("rph", payout_id, field="payout_id"))
    return (await payout_views(uow, [row]))[row["report_id"]]
