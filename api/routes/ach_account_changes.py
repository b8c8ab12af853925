"""/v1/ach-account-changes: notifications of change, and what became of them. Their data is never shown."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.ach_return import AchAccountChangeView, same_names, shown
from api.schemas.flow import CommandRequest
from api.unit_of_work import Work
from db.flows.ach_account_change import FLOW
from db.queries import ach_account_change as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id, public_id
from domain.return_codes import change_code
from services.flow_command import command

routes = router("ach-account-changes")


@routes.get("", dependencies=[needs("ach_accounts:read")])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    account_id: Annotated[str | None, Query(max_length=60)] = None,
    state: Literal["pending", "applied", "repeated", "kept", "rejected", "failed"] | None = None,
) -> Page[AchAccountChangeView]:
    """Corrections, newest first."""
    filters: dict[str, Any] = {} if state is None else {"state": state}
    if account_id is not None:
        filters["account_id"] = parse_public_id("acct", account_id, field="account_id")
    rows = await queries.page(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, lambda row: _view(context, row), lambda row: row["id"])


@routes.get("/{change_id}", dependencies=[needs("ach_accounts:read")])
async def get(change_id: str, uow: Work, context: Context) -> AchAccountChangeView:
    """One correction."""
    return _view(context, await queries.get(uow, _id(change_id)))


@routes.post("/{change_id}/retry", status_code=202, response_model=AchAccountChangeView)
async def retry(change_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Store the corrected account again after a failure."""

    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, _id(change_id), "retry", asked(body))
        return Answer(202, _view(context, row))

    return await once.answer(deed)


def _view(context: ApiContext, row: Any) -> AchAccountChangeView:
    return AchAccountChangeView(
        id=public_id("chg", row["id"]),
        account_id=public_id("acct", row["account_id"]),
        transaction_id=shown("achtx", row["transaction_id"]),
        title=change_code(row["code"]).title,
        corrected_fields=row["corrected_fields"].split(","),
        who_must_act=row["must_act"],
        links=links_of(context, context.flows[FLOW].run(row)),
        **same_names(AchAccountChangeView, row, "account_id", "transaction_id", "corrected_fields"),
    )


def _id(text: str) -> UUID:
    return parse_public_id("chg", text, field="change_id")
