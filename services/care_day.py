"""Care days as a family selects them: at the provider's rate, within the child's budget, until the week locks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.queries import allocation as allocations
from db.queries import care_day as queries
from db.queries import program, provider
from db.unit_of_work import UnitOfWork
from domain.childcare_budget import price_of_day
from domain.childcare_month import month_of
from domain.childcare_party import Party, require_own
from domain.childcare_week import is_locked
from domain.errors import InvalidInput, LimitExceeded, StateConflict
from domain.ids import new_id

Kind = Literal["full", "half"]
_WEEK_LOCKED = "BC005"


async def select(
    uow: UnitOfWork, allocation_id: UUID, provider_id: UUID, day: date, kind: Kind, *, party: Party | None = None
) -> RowMapping:
    """Promise a day out of an allocation. A short budget pays a part; the family owes what is missing."""
    allocation = await allocations.get(uow, allocation_id, lock=True)
    require_own(party, _family_only(allocation), "allocation")
    if month_of(day) != allocation["month"]:
        raise InvalidInput("date", "The day lies outside of the allocation's month.", code="outside_month")
    await provider.get(uow, provider_id)
    await _require_unlocked(uow, allocation, day)
    price = await _price(uow, allocation, provider_id, day, kind)
    async with _as_the_database_allows(uow):
        row = await queries.add(
            uow,
            id=new_id(),
            allocation_id=allocation_id,
            child_id=allocation["child_id"],
            month=allocation["month"],
            provider_id=provider_id,
            date=day,
            currency=allocation["currency"],
            **price,
        )
    told = {"amount": row["amount_cents"], "date": day.isoformat()}
    await uow.audit("care_day.selected", "care_day", row["id"], told)
    return await queries.get(uow, row["id"])


async def change(uow: UnitOfWork, care_day_id: UUID, kind: Kind, *, party: Party | None = None) -> RowMapping:
    """Make a day full or half, at the rate that is in effect now and what is left of the budget without the day."""
    allocation, row = await _open(uow, care_day_id, party)
    if row["deleted_at"] is not None:
        raise StateConflict("care_day_deleted", "The day is deleted: restore it first.")
    if row["kind"] != kind:
        price = await _price(uow, allocation, row["provider_id"], row["date"], kind, own=row["amount_cents"])
        async with _as_the_database_allows(uow):
            await queries.change(uow, care_day_id, **price)
        await uow.audit("care_day.changed", "care_day", care_day_id, price)
    return await queries.get(uow, care_day_id)


async def delete(uow: UnitOfWork, care_day_id: UUID, *, party: Party | None = None) -> RowMapping:
    """Take a day back into the budget; a day that is in a payment stays, as does one whose week is locked."""
    _, row = await _open(uow, care_day_id, party)
    if row["deleted_at"] is None:
        now = await uow.business_now()
        async with _as_the_database_allows(uow):
            await queries.change(uow, care_day_id, deleted_at=now)
        await uow.audit("care_day.deleted", "care_day", care_day_id)
    return await queries.get(uow, care_day_id)


async def restore(uow: UnitOfWork, care_day_id: UUID, *, party: Party | None = None) -> RowMapping:
    """Promise a deleted day again, priced as a new one would be; what was selected in its place comes first."""
    allocation, row = await _open(uow, care_day_id, party)
    if row["deleted_at"] is not None:
        price = await _price(uow, allocation, row["provider_id"], row["date"], row["kind"])
        async with _as_the_database_allows(uow):
            await queries.change(uow, care_day_id, deleted_at=None, **price)
        await uow.audit("care_day.restored", "care_day", care_day_id, price)
    return await queries.get(uow, care_day_id)


async def _open(uow: UnitOfWork, care_day_id: UUID, party: Party | None) -> tuple[RowMapping, RowMapping]:
    """The allocation and the day, both locked; refused where the day cannot change any more."""
    row = await queries.get(uow, care_day_id)
    allocation = await allocations.get(uow, row["allocation_id"], lock=True)
    require_own(party, _family_only(allocation), "care day")
    await queries.lock(uow, care_day_id)
    row = await queries.get(uow, care_day_id)
    if row["payment_intent_id"] is not None:
        raise StateConflict("item_in_payment", "The day is in a payment.")
    await _require_unlocked(uow, allocation, row["date"])
    return allocation, row


async def _require_unlocked(uow: UnitOfWork, allocation: RowMapping, day: date) -> None:
    owner = await program.get(uow, allocation["program_id"])
    if is_locked(day, owner["time_zone"], await uow.business_now()):
        raise _locked()


async def _price(
    uow: UnitOfWork, allocation: RowMapping, provider_id: UUID, day: date, kind: Kind, own: int = 0
) -> dict[str, Any]:
    """What the day costs, as its columns; `own` is what the day itself takes of the budget already."""
    rate = await provider.rate_on(uow, provider_id, allocation["child_id"], day)
    if rate is None:
        raise StateConflict("no_rate", "The provider has no rate for this child on this day.", field="provider_id")
    cents: int = rate[f"{kind}_day_cents"]
    price = price_of_day(cents, allocations.budget(allocation).remaining_unselected + own)
    if price is None:
        raise LimitExceeded("Nothing is left of the allocation.", field="allocation_id", code="over_budget")
    return {"kind": kind, "rate_cents": cents, "amount_cents": price.amount, "missing_cents": price.missing}


def _family_only(allocation: RowMapping) -> dict[str, Any]:
    """Days are selected by families; providers have no part in it."""
    return {"family_id": allocation["family_id"]}


@asynccontextmanager
async def _as_the_database_allows(uow: UnitOfWork) -> AsyncIterator[None]:
    """A write that the database may refuse although it was looked at before: a twin, or the lock came this instant."""
    try:
        async with uow.savepoint():
            yield
    except IntegrityError:
        raise StateConflict("care_day_exists", "This day is selected with this provider.", field="date") from None
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _WEEK_LOCKED:
            raise _locked() from None
        raise


def _locked() -> StateConflict:
    return StateConflict("week_locked", "The week of this day is locked since the end of its Monday.", field="date")
