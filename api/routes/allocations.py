"""/v1/allocations: a child's budget for a month, and its funding."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from api.acting_for import READS_OWN
from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, detail_of, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.allocation import AcceptBalances, AllocationView, NewAllocation, allocation_view
from api.schemas.flow import CommandRequest
from api.unit_of_work import Work
from db.queries import allocation as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.money import Money
from services import allocation as service
from services.flow_command import command

FLOW = "allocation"
routes = router("allocations")
Id = Annotated[str | None, Query(max_length=60)]


@routes.post("", status_code=202, dependencies=[needs("allocations:write")], response_model=AllocationView)
async def allocate(body: NewAllocation, once: Once, context: Context) -> object:
    """Give a child its budget for this month or the next. The same again is the same allocation."""
    child_id = parse_public_id("child", body.child_id, field="child_id")
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        money = None if body.amount is None else Money(body.amount, body.currency)
        row, is_new = await service.allocate(uow, context.flows, child_id, body.month, money)
        made.append(row["id"])
        return Answer(202 if is_new else 200, _view(context, row))

    async def settled(uow: UnitOfWork) -> Answer | None:
        row = await queries.get(uow, made[-1])
        if row["funding_state"] != "funded" and row["code"] is None:
            return None
        return Answer(200, await _whole(context, uow, made[-1]))

    return await once.answer(deed, settled)


@routes.get("", dependencies=[needs("allocations:read"), READS_OWN])
async def list_all(
    uow: Work,
    context: Context,
    pages: Pages,
    child_id: Id = None,
    family_id: Id = None,
    month: date | None = None,
    funding_state: Literal["unfunded", "funding", "funded"] | None = None,
) -> Page[AllocationView]:
    """Allocations, newest first."""
    filters: dict[str, Any] = {
        "child_id": None if child_id is None else parse_public_id("child", child_id, field="child_id"),
        "family_id": None if family_id is None else parse_public_id("fam", family_id, field="family_id"),
        "month": month,
        "funding_state": funding_state,
    }
    rows = await queries.list_allocations(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, lambda row: _view(context, row), lambda row: row["id"])


@routes.get("/{allocation_id}", dependencies=[needs("allocations:read"), READS_OWN])
async def get(allocation_id: str, uow: Work, context: Context) -> AllocationView:
    """One allocation with its money calls, ledger lines, timeline and cases."""
    return await _whole(context, uow, _id(allocation_id))


@routes.post("/{allocation_id}/retry", status_code=202, response_model=AllocationView)
async def retry(allocation_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Try a stopped funding again."""
    return await _command(once, context, asker, _id(allocation_id), "retry", body)


@routes.post("/{allocation_id}/accept-balances", status_code=202, response_model=AllocationView)
async def accept_balances(
    allocation_id: str, body: AcceptBalances, once: Once, context: Context, asker: Asker
) -> object:
    """Book what others moved, as the open case shows it, and try the funding anew."""
    return await _command(once, context, asker, _id(allocation_id), "accept_balances", body)


async def _command(once: Once, context: ApiContext, asker: Asker, allocation_id: UUID, name: str, body: Any) -> object:
    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[FLOW], asker, allocation_id, name, asked(body))
        return Answer(202, _view(context, row))

    return await once.answer(deed)


def _view(context: ApiContext, row: Any) -> AllocationView:
    return allocation_view(row, links_of(context, context.flows[FLOW].run(row)))


async def _whole(context: ApiContext, uow: UnitOfWork, allocation_id: UUID) -> AllocationView:
    row = await queries.get(uow, allocation_id)
    return allocation_view(
        row, links_of(context, context.flows[FLOW].run(row)), await detail_of(uow, FLOW, allocation_id)
    )


def _id(text: str) -> UUID:
    return parse_public_id("alloc", text, field="allocation_id")
