"""/v1/care-days: days promised out of a child's budget."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.acting_for import READS_OWN, ActingFor
from api.auth import needs
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.care_day import CareDayView, ChangedCareDay, NewCareDay, care_day_view
from api.schemas.care_day_bulk import DayResults, DeleteDays, SelectDays, day_results
from api.unit_of_work import Work
from db.queries import care_day as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import care_day as service
from services import care_day_bulk as bulk

routes = router("care-days")
Id = Annotated[str | None, Query(max_length=60)]


@routes.post("", status_code=201, dependencies=[needs("care_days:write")], response_model=CareDayView)
async def select(body: NewCareDay, once: Once, party: ActingFor) -> object:
    """Promise a day, at the provider's rate or what is left of the budget."""
    allocation_id = parse_public_id("alloc", body.allocation_id, field="allocation_id")
    provider_id = parse_public_id("prov", body.provider_id, field="provider_id")

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.select(uow, allocation_id, provider_id, body.date, body.kind, party=party)
        return Answer(201, care_day_view(row))

    return await once.answer(deed)


@routes.post("/bulk-select", dependencies=[needs("care_days:write")], response_model=DayResults)
async def select_many(body: SelectDays, once: Once, party: ActingFor) -> object:
    """Promise many days, each by itself: one that is refused does not hold the others back."""
    allocation_id = parse_public_id("alloc", body.allocation_id, field="allocation_id")
    provider_id = parse_public_id("prov", body.provider_id, field="provider_id")
    wanted = [bulk.Wanted(day.date, day.kind) for day in body.days]

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(200, day_results(await bulk.select(uow, allocation_id, provider_id, wanted, party=party)))

    return await once.answer(deed)


@routes.post("/bulk-delete", dependencies=[needs("care_days:write")], response_model=DayResults)
async def delete_many(body: DeleteDays, once: Once, party: ActingFor) -> object:
    """Take many days back into their budgets, each by itself."""
    ids = [parse_public_id("day", text, field="care_day_ids") for text in body.care_day_ids]

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(200, day_results(await bulk.delete(uow, ids, party=party)))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("care_days:read"), READS_OWN])
async def list_all(
    uow: Work, pages: Pages, allocation_id: Id = None, child_id: Id = None, provider_id: Id = None
) -> Page[CareDayView]:
    """Care days, deleted ones too, newest first."""
    filters: dict[str, Any] = {
        "allocation_id": _or_none("alloc", allocation_id, "allocation_id"),
        "child_id": _or_none("child", child_id, "child_id"),
        "provider_id": _or_none("prov", provider_id, "provider_id"),
    }
    rows = await queries.list_care_days(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, care_day_view, lambda row: row["id"])


@routes.get("/{care_day_id}", dependencies=[needs("care_days:read"), READS_OWN])
async def get(care_day_id: str, uow: Work) -> CareDayView:
    """One care day."""
    return care_day_view(await queries.get(uow, _id(care_day_id)))


@routes.delete("/{care_day_id}", dependencies=[needs("care_days:write")])
async def delete(care_day_id: str, uow: Work, party: ActingFor) -> CareDayView:
    """Take a day back into the budget, unless it is in a payment or its week locked. Doing it again changes nothing."""
    return care_day_view(await service.delete(uow, _id(care_day_id), party=party))


@routes.patch("/{care_day_id}", dependencies=[needs("care_days:write")])
async def change(care_day_id: str, body: ChangedCareDay, uow: Work, party: ActingFor) -> CareDayView:
    """Make a day full or half, priced anew, unless it is in a payment or its week is locked."""
    return care_day_view(await service.change(uow, _id(care_day_id), body.kind, party=party))


@routes.post("/{care_day_id}/restore", dependencies=[needs("care_days:write")], response_model=CareDayView)
async def restore(care_day_id: str, once: Once, party: ActingFor) -> object:
    """Promise a deleted day again, priced as a new one, unless its week is locked."""

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(200, care_day_view(await service.restore(uow, _id(care_day_id), party=party)))

    return await once.answer(deed)


def _or_none(prefix: str, text: str | None, field: str) -> UUID | None:
    return None if text is None else parse_public_id(prefix, text, field=field)


def _id(text: str) -> UUID:
    return parse_public_id("day", text, field="care_day_id")
