"""Lump sums as a family selects them: out of the same budget as care days."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowSteps
from db.queries import allocation as allocations
from db.queries import lump_sum as queries
from db.queries import provider
from db.unit_of_work import UnitOfWork
from domain.childcare_limits import require_days, require_payable
from domain.childcare_party import Party, require_own
from domain.errors import InvalidInput, LimitExceeded, StateConflict
from domain.ids import new_id
from domain.money import Money
from services import provider_payment

_FIELDS = {"days": "days", "half_days": "half_days"}


async def select(
    uow: UnitOfWork,
    allocation_id: UUID,
    provider_id: UUID,
    money: Money,
    days: int,
    half_days: int,
    *,
    party: Party | None = None,
) -> RowMapping:
    """Promise a lump sum out of what no day and no other lump sum has selected."""
    allocation = await allocations.get(uow, allocation_id, lock=True)
    require_own(party, {"family_id": allocation["family_id"]}, "allocation")
    if money.currency != allocation["currency"]:
        raise InvalidInput("currency", f"The allocation is in {allocation['currency']}.", code="unsupported_currency")
    require_payable(money.minor_units, allocation["cap_cents"], field="amount")
    require_days(days, half_days, fields=_FIELDS)
    await provider.get(uow, provider_id)
    if money.minor_units > allocations.budget(allocation).remaining_unselected:
        raise LimitExceeded("The amount is above what is left of the allocation.", field="amount", code="over_budget")
    row = await queries.add(
        uow,
        id=new_id(),
        allocation_id=allocation_id,
        child_id=allocation["child_id"],
        month=allocation["month"],
        provider_id=provider_id,
        amount_cents=money.minor_units,
        currency=money.currency,
        days=days,
        half_days=half_days,
    )
    await uow.audit("lump_sum.selected", "lump_sum", row["id"], {"amount": money.minor_units})
    return await queries.get(uow, row["id"])


async def submit(
    uow: UnitOfWork, flows: Mapping[str, FlowSteps], lump_sum_id: UUID, *, party: Party | None = None
) -> RowMapping:
    """Have a lump sum paid in the transaction that selects it: one that cannot be paid now leaves nothing behind."""
    await provider_payment.pay_lump_sum(uow, flows, lump_sum_id, "", party=party)
    return await queries.get(uow, lump_sum_id)


async def delete(uow: UnitOfWork, lump_sum_id: UUID, *, party: Party | None = None) -> RowMapping:
    """Take a lump sum back into the budget; one that is in a payment stays."""
    row = await queries.get(uow, lump_sum_id)
    allocation = await allocations.get(uow, row["allocation_id"], lock=True)
    require_own(party, {"family_id": allocation["family_id"]}, "lump sum")
    await queries.lock(uow, lump_sum_id)
    row = await queries.get(uow, lump_sum_id)
    if row["payment_intent_id"] is not None:
        raise StateConflict("item_in_payment", "The lump sum is in a payment.")
    if row["deleted_at"] is None:
        await queries.change(uow, lump_sum_id, deleted_at=await uow.business_now())
        await uow.audit("lump_sum.deleted", "lump_sum", lump_sum_id)
    return await queries.get(uow, lump_sum_id)
