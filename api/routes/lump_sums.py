"""/v1/lump-sums: amounts promised out of a child's budget beside care days."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.acting_for import READS_OWN, ActingFor
from api.auth import Asker, needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.lump_sum import LumpSumView, NewLumpSum, lump_sum_view
from api.unit_of_work import Work
from db.queries import lump_sum as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from domain.money import Money
from services import lump_sum as service

routes = router("lump-sums")
Id = Annotated[str | None, Query(max_length=60)]


@routes.post("", status_code=201, dependencies=[needs("lump_sums:write")], response_model=LumpSumView)
async def select(body: NewLumpSum, once: Once, asker: Asker, context: Context, party: ActingFor) -> object:
    """Promise a lump sum out of what is left of the budget, and pay it at once if told to."""
    allocation_id = parse_public_id("alloc", body.allocation_id, field="allocation_id")
    provider_id = parse_public_id("prov", body.provider_id, field="provider_id")

    async def deed(uow: UnitOfWork) -> Answer:
        money = Money(body.amount, body.currency)
        row = await service.select(uow, allocation_id, provider_id, money, body.days, body.half_days, party=party)
        if body.submit:
            asker.require("provider_payments:write")
            row = await service.submit(uow, context.flows, row["id"], party=party)
        return Answer(201, lump_sum_view(row))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("lump_sums:read"), READS_OWN])
async def list_all(
    uow: Work, pages: Pages, allocation_id: Id = None, child_id: Id = None, provider_id: Id = None
) -> Page[LumpSumView]:
    """Lump sums, deleted ones too, newest first."""
    filters: dict[str, Any] = {
        "allocation_id": _or_none("alloc", allocation_id, "allocation_id"),
        "child_id": _or_none("child", child_id, "child_id"),
        "provider_id": _or_none("prov", provider_id, "provider_id"),
    }
    rows = await queries.list_lump_sums(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, lump_sum_view, lambda row: row["id"])


@routes.get("/{lump_sum_id}", dependencies=[needs("lump_sums:read"), READS_OWN])
async def get(lump_sum_id: str, uow: Work) -> LumpSumView:
    """One lump sum."""
    return lump_sum_view(await queries.get(uow, _id(lump_sum_id)))


@routes.delete("/{lump_sum_id}", dependencies=[needs("lump_sums:write")])
async def delete(lump_sum_id: str, uow: Work, party: ActingFor) -> LumpSumView:
    """Take a lump sum back into the budget, unless it is in a payment. Doing it again changes nothing."""
    return lump_sum_view(await service.delete(uow, _id(lump_sum_id), party=party))


def _or_none(prefix: str, text: str | None, field: str) -> UUID | None:
    return None if text is None else parse_public_id(prefix, text, field=field)


def _id(text: str) -> UUID:
    return parse_public_id("lump", text, field="lump_sum_id")
