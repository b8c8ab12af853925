"""Many care days at once: each is done whole or not at all, and one that is refused does not hold the others back."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import allocation as allocations
from db.unit_of_work import UnitOfWork
from domain.childcare_party import Party
from domain.errors import BursarError, NotFound
from services import care_day
from services.care_day import Kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """A day to select."""

    date: date
    kind: Kind


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one of them: its row, or why it was refused."""

    row: RowMapping | None
    refusal: BursarError | None


async def select(
    uow: UnitOfWork, allocation_id: UUID, provider_id: UUID, wanted: Sequence[Wanted], *, party: Party | None = None
) -> list[Done]:
    """Promise days in the order given, so that it is the last ones which a short budget pays in part or not at all."""
    await allocations.get(uow, allocation_id, lock=True)

    def one(item: Wanted) -> Callable[[], Awaitable[RowMapping]]:
        return lambda: care_day.select(uow, allocation_id, provider_id, item.date, item.kind, party=party)

    return await _each(uow, (one(item) for item in wanted))


async def delete(uow: UnitOfWork, care_day_ids: Sequence[UUID], *, party: Party | None = None) -> list[Done]:
    """Take days back into their budgets, in the order given. Raises NotFound where there is none of them."""
    if not await allocations.lock_of_days(uow, care_day_ids):
        raise NotFound("care day", field="care_day_ids")

    def one(care_day_id: UUID) -> Callable[[], Awaitable[RowMapping]]:
        return lambda: care_day.delete(uow, care_day_id, party=party)

    return await _each(uow, (one(care_day_id) for care_day_id in care_day_ids))


async def _each(uow: UnitOfWork, deeds: Iterable[Callable[[], Awaitable[RowMapping]]]) -> list[Done]:
    done = []
    for deed in deeds:
        try:
            async with uow.savepoint():
                done.append(Done(await deed(), None))
        except BursarError as refusal:
            done.append(Done(None, refusal))
    return done
