"""Taking back what a month did not use, never more than the budget's own free money (reference, sections 8 and 11)."""

from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from db.flows.base import FlowSteps
from db.queries import allocation as allocations
from db.queries import care_day, lump_sum, program
from db.queries import reclaim as queries
from db.unit_of_work import UnitOfWork
from domain.childcare_month import following
from domain.errors import InvalidInput, LimitExceeded, StateConflict
from domain.ids import new_id
from domain.money import Money


async def take_back(
    uow: UnitOfWork,
    flows: Mapping[str, FlowSteps],
    allocation_id: UUID,
    money: Money | None,
    reason: str,
    *,
    release_unsubmitted: bool,
) -> RowMapping:
    """Take this much out of the budget, all that is free when no amount is named, and have the money moved.

    `release_unsubmitted` first frees what was selected in a month that is over and never submitted for payment.
    """
    allocation = await allocations.get(uow, allocation_id, lock=True)
    if money is not None and money.currency != allocation["currency"]:
        raise InvalidInput("currency", f"The allocation is in {allocation['currency']}.", code="unsupported_currency")
    if allocation["funding_state"] != "funded":
        raise StateConflict("allocation_unfunded", "The allocation's money has not reached the family's wallet.")
    if release_unsubmitted:
        await _release(uow, allocation)
        allocation = await allocations.get(uow, allocation_id)
    free = allocations.budget(allocation).remaining_unselected
    amount = free if money is None else money.minor_units
    if free == 0 or amount > free:
        raise LimitExceeded("The amount is above what is free of the budget.", field="amount", code="over_budget")
    row = await queries.add(
        uow,
        id=new_id(),
        **{name: allocation[name] for name in ("program_id", "family_id", "child_id", "month", "currency")},
        allocation_id=allocation_id,
        amount_cents=amount,
        reason=reason,
    )
    told = {"amount": amount, "currency": allocation["currency"], "reason": reason}
    await uow.audit("reclaim.submitted", queries.FLOW, row["id"], told)
    await uow.tell("reclaim.submitted", queries.FLOW, row["id"], told)
    await uow.start_workflow(flows[queries.FLOW].run(row))
    return row


async def _release(uow: UnitOfWork, allocation: RowMapping) -> None:
    owner = await program.get(uow, allocation["program_id"])
    now = await uow.business_now()
    if now.astimezone(ZoneInfo(owner["time_zone"])).date() < following(allocation["month"]):
        raise StateConflict(
            "month_not_over", "What was selected is freed only after its month.", field="release_unsubmitted"
        )
    days = await care_day.unsubmitted(uow, allocation["id"])
    lumps = await lump_sum.unsubmitted(uow, allocation["id"])
    for day in days:
        await care_day.change(uow, day, deleted_at=now)
        await uow.audit("care_day.released", "care_day", day)
    for lump in lumps:
        await lump_sum.change(uow, lump, deleted_at=now)
        await uow.audit("lump_sum.released", "lump_sum", lump)
