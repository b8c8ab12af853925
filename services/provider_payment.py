"""Paying a provider for a set of care days or a lump sum (seed 004, sections 2 and 3)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowSteps
from db.flows.provider_payment_submit import submit
from db.queries import allocation as allocations
from db.queries import care_day, lump_sum
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.childcare_party import Party, require_own
from domain.errors import InvalidInput, NotFound


async def pay_care_days(
    uow: UnitOfWork,
    flows: Mapping[str, FlowSteps],
    care_day_ids: Sequence[UUID],
    description: str,
    *,
    party: Party | None = None,
) -> tuple[RowMapping, bool]:
    """Pay these days, all of one child, month and provider. Days already in one payment together are that payment."""
    wanted = set(care_day_ids)
    days = await care_day.of_ids(uow, list(wanted))
    if len(days) != len(wanted):
        raise NotFound("care day", field="care_day_ids")
    if len({(day["allocation_id"], day["provider_id"]) for day in days}) > 1:
        raise InvalidInput("care_day_ids", "The days must be of one allocation and one provider.", code="mixed_items")
    # everybody who pays out of this month meets here; what the days are in is read again behind the lock
    allocation = await allocations.get(uow, days[0]["allocation_id"], lock=True)
    require_own(party, {"family_id": allocation["family_id"]}, "care day")
    days = await care_day.of_ids(uow, list(wanted))
    return await submit(uow, flows[queries.FLOW], allocation, days, "care_day_id", description)


async def pay_lump_sum(
    uow: UnitOfWork,
    flows: Mapping[str, FlowSteps],
    lump_sum_id: UUID,
    description: str,
    *,
    party: Party | None = None,
) -> tuple[RowMapping, bool]:
    """Pay a lump sum. One that is in a payment already is that payment."""
    selected = await lump_sum.get(uow, lump_sum_id)
    allocation = await allocations.get(uow, selected["allocation_id"], lock=True)
    require_own(party, {"family_id": allocation["family_id"]}, "lump sum")
    return await submit(
        uow, flows[queries.FLOW], allocation, [await lump_sum.get(uow, lump_sum_id)], "lump_sum_id", description
    )
