"""Care days as a family selects them: priced at the provider's rate, within the child's budget."""

from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.queries import allocation as allocations
from db.queries import care_day as queries
from db.queries import provider
from db.unit_of_work import UnitOfWork
from domain.childcare_budget import price_of_day
from domain.childcare_month import month_of
from domain.errors import InvalidInput, LimitExceeded, StateConflict
from domain.ids import new_id


async def select(
    uow: UnitOfWork, allocation_id: UUID, provider_id: UUID, day: date, kind: Literal["full", "half"]
) -> RowMapping:
    """Promise a day out of an allocation. A short budget pays a part; the family owes what is missing."""
    allocation = await allocations.get(uow, allocation_id, lock=True)
    if month_of(day) != allocation["month"]:
        raise InvalidInput("date", "The day lies outside of the allocation's month.", code="outside_month")
    await provider.get(uow, provider_id)
    rate = await provider.rate_on(uow, provider_id, allocation["child_id"], day)
    if rate is None:
        raise StateConflict("no_rate", "The provider has no rate for this child on this day.", field="provider_id")
    cents: int = rate[f"{kind}_day_cents"]
    price = price_of_day(cents, allocations.budget(allocation).remaining_unselected)
    if price is None:
        raise LimitExceeded("Nothing is left of the allocation.", field="allocation_id", code="over_budget")
    try:
        async with uow.connection.begin_nested():
            row = await queries.add(
                uow,
                id=new_id(),
                allocation_id=allocation_id,
                child_id=allocation["child_id"],
                month=allocation["month"],
                provider_id=provider_id,
                date=day,
                kind=kind,
                rate_cents=cents,
                amount_cents=price.amount,
                missing_cents=price.missing,
                currency=allocation["currency"],
            )
    except IntegrityError:
        raise StateConflict("care_day_exists", "This day is selected with this provider.", field="date") from None
    await uow.audit("care_day.selected", "care_day", row["id"], {"amount": price.amount, "date": day.isoformat()})
    return await queries.get(uow, row["id"])


async def delete(uow: UnitOfWork, care_day_id: UUID) -> RowMapping:
    """Take a day back into the budget; a day that is in a payment stays."""
    row = await queries.get(uow, care_day_id)
    await allocations.get(uow, row["allocation_id"], lock=True)
    await queries.lock(uow, care_day_id)
    row = await queries.get(uow, care_day_id)
    if row["payment_intent_id"] is not None:
        raise StateConflict("item_in_payment", "The day is in a payment.")
    if row["deleted_at"] is None:
        await queries.change(uow, care_day_id, deleted_at=await uow.business_now())
        await uow.audit("care_day.deleted", "care_day", care_day_id)
    return await queries.get(uow, care_day_id)
