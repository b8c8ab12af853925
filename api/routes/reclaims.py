"""/v1/reclaims: unused money of a child's month goes back to the programme."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.auth import Asker, needs
from api.context import ApiContext, Context
from api.flow_pages import asked, detail_of, links_of
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.allocation import AcceptBalances
from api.schemas.flow import CommandRequest
from api.schemas.reclaim import NewReclaim, ReclaimView, reclaim_view
from api.unit_of_work import Work
from db.queries import reclaim as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.money import Money
from domain.reclaim import OPEN, ReclaimState
from services import reclaim as service
from services.flow_command import command

routes = router("reclaims")
Id = Annotated[str | None, Query(max_length=60)]


@routes.post("", status_code=202, dependencies=[needs("reclaims:write")], response_model=ReclaimView)
async def take_back(body: NewReclaim, once: Once, context: Context) -> object:
    """Take back what is free of a month's budget, or a part of it. `Prefer: wait` waits until it ended or stopped."""
    allocation_id = parse_public_id("alloc", body.allocation_id, field="allocation_id")
    made: list[UUID] = []

    async def deed(uow: UnitOfWork) -> Answer:
        money = None if body.amount is None else Money(body.amount, body.currency)
        row = await service.take_back(
            uow, context.flows, allocation_id, money, body.reason, release_unsubmitted=body.release_unsubmitted
        )
        made.append(row["id"])
        return Answer(202, _view(context, row))

    async def settled(uow: UnitOfWork) -> Answer | None:
        row = await queries.get(uow, made[0])
        return None if ReclaimState(row["state"]) in OPEN else Answer(200, await _whole(context, uow, made[0]))

    return await once.answer(deed, settled)


@routes.get("", dependencies=[needs("reclaims:read")])
async def list_all(
    uow: Work, context: Context, pages: Pages, allocation_id: Id = None, state: ReclaimState | None = None
) -> Page[ReclaimView]:
    """Reclaims, newest first."""
    named = None if allocation_id is None else parse_public_id("alloc", allocation_id, field="allocation_id")
    filters: dict[str, Any] = {"allocation_id": named, "state": state}
    rows = await queries.list_reclaims(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, lambda row: _view(context, row), lambda row: row["id"])


@routes.get("/{reclaim_id}", dependencies=[needs("reclaims:read")])
async def get(reclaim_id: str, uow: Work, context: Context) -> ReclaimView:
    """One reclaim with its money calls, ledger lines, timeline and cases."""
    return await _whole(context, uow, _id(reclaim_id))


@routes.post("/{reclaim_id}/retry", status_code=202, response_model=ReclaimView)
async def retry(reclaim_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Try a stopped reclaim again."""
    return await _command(once, context, asker, _id(reclaim_id), "retry", body)


@routes.post("/{reclaim_id}/cancel", status_code=202, response_model=ReclaimView)
async def cancel(reclaim_id: str, body: CommandRequest, once: Once, context: Context, asker: Asker) -> object:
    """Leave the money where it is: the amount goes back into the budget. Refused once the request was sent."""
    return await _command(once, context, asker, _id(reclaim_id), "cancel", body)


@routes.post("/{reclaim_id}/accept-balances", status_code=202, response_model=ReclaimView)
async def accept_balances(reclaim_id: str, body: AcceptBalances, once: Once, context: Context, asker: Asker) -> object:
    """Book what others moved, as the open case shows it, and try the reclaim anew."""
    return await _command(once, context, asker, _id(reclaim_id), "accept_balances", body)


async def _command(once: Once, context: ApiContext, asker: Asker, reclaim_id: UUID, name: str, body: Any) -> object:
    async def deed(uow: UnitOfWork) -> Answer:
        row = await command(uow, context.flows[queries.FLOW], asker, reclaim_id, name, asked(body))
        return Answer(202, _view(context, row))

    return await once.answer(deed)


def _view(context: ApiContext, row: Any) -> ReclaimView:
    return reclaim_view(row, links_of(context, context.flows[queries.FLOW].run(row)))


async def _whole(context: ApiContext, uow: UnitOfWork, reclaim_id: UUID) -> ReclaimView:
    row = await queries.get(uow, reclaim_id)
    links = links_of(context, context.flows[queries.FLOW].run(row))
    return reclaim_view(row, links, await detail_of(uow, queries.FLOW, reclaim_id))


def _id(text: str) -> UUID:
    return parse_public_id("recl", text, field="reclaim_id")
