"""Month allocations: one per child and month, funded by a money call of its own (seed 004, section 1)."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.flows.base import FlowSteps
from db.queries import allocation as queries
from db.queries import family, program
from db.unit_of_work import UnitOfWork
from domain.childcare_limits import require_allocatable, require_allocation
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.money import Money


async def allocate(
    uow: UnitOfWork, flows: Mapping[str, FlowSteps], child_id: UUID, month: date, money: Money
) -> tuple[RowMapping, bool]:
    """Give a child its budget for a month and have it funded. The same again is the same allocation: (row, False)."""
    child = await family.get_child(uow, child_id)
    owner = await program.get(uow, child["program_id"])
    if money.currency != owner["currency"]:
        raise InvalidInput("currency", f"The programme's currency is {owner['currency']}.", code="unsupported_currency")
    require_allocation(money.minor_units, owner["cap_cents"], field="amount")
    standing = await queries.of_child(uow, child_id, month)
    if standing is not None:
        return _same(standing, money), False
    now = await uow.business_now()
    require_allocatable(month, now.astimezone(ZoneInfo(owner["time_zone"])).date(), field="month")
    if not child["payment_enabled"]:
        raise StateConflict("payment_disabled", "The child is not enabled for payments.", field="child_id")
    nothing = money.minor_units == 0
    try:
        async with uow.connection.begin_nested():
            row = await queries.add(
                uow,
                id=new_id(),
                program_id=owner["id"],
                family_id=child["family_id"],
                child_id=child_id,
                month=month,
                currency=money.currency,
                cap_cents=owner["cap_cents"],
                allocation_cents=money.minor_units,
                # nothing needs no move of money
                funding_state="funded" if nothing else "unfunded",
                funded_at=now if nothing else None,
            )
    except IntegrityError:
        raise StateConflict("allocation_exists", "The month was allocated meanwhile.", retry="later") from None
    told = {"amount": money.minor_units, "currency": money.currency, "month": month.isoformat()}
    await uow.audit("allocation.created", "allocation", row["id"], told)
    await uow.tell("allocation.created", "allocation", row["id"], told)
    if not nothing:
        await uow.start_workflow(flows["allocation"].run(row))
    return row, True


def _same(standing: RowMapping, money: Money) -> RowMapping:
    if standing["allocation_cents"] != money.minor_units:
        raise StateConflict("allocation_exists", "The month is allocated with another amount.", field="amount")
    return standing
