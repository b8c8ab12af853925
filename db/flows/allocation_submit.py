"""Giving a child its budget for a month: one allocation, whoever asks for it, and its funding (seed 004, section 1)."""

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
from domain.childcare_share import Share, share_of_month
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.money import Money


async def allocate(
    uow: UnitOfWork, flows: Mapping[str, FlowSteps], child_id: UUID, month: date, money: Money | None
) -> tuple[RowMapping, bool]:
    """Give a child its budget for a month and have it funded. The same again is the same allocation: (row, False).

    Without an amount the child gets its monthly amount, or its share of the first month.
    """
    child = await family.get_child(uow, child_id)
    owner = await program.get(uow, child["program_id"])
    if money is not None and money.currency != owner["currency"]:
        raise InvalidInput("currency", f"The programme's currency is {owner['currency']}.", code="unsupported_currency")
    if money is not None:
        require_allocation(money.minor_units, owner["cap_cents"], field="amount")
    standing = await queries.of_child(uow, child_id, month)
    if standing is not None:
        return _same(standing, money), False
    now = await uow.business_now()
    today = now.astimezone(ZoneInfo(owner["time_zone"])).date()
    require_allocatable(month, today, owner["last_month"], field="month")
    if not child["payment_enabled"]:
        raise StateConflict("payment_disabled", "The child is not enabled for payments.", field="child_id")
    share = _share(child, owner, month) if money is None else Share(money, "given")
    cents = share.money.minor_units
    try:
        async with uow.savepoint():
            row = await queries.add(
                uow,
                id=new_id(),
                program_id=owner["id"],
                family_id=child["family_id"],
                child_id=child_id,
                month=month,
                currency=owner["currency"],
                cap_cents=owner["cap_cents"],
                allocation_cents=cents,
                basis=share.basis,
                # nothing needs no move of money
                funding_state="unfunded" if cents else "funded",
                funded_at=None if cents else now,
            )
    except IntegrityError:
        raise StateConflict("allocation_exists", "The month was allocated meanwhile.", retry="later") from None
    told = {"amount": cents, "currency": owner["currency"], "month": month.isoformat(), "basis": share.basis}
    await uow.audit("allocation.created", "allocation", row["id"], told)
    await uow.tell("allocation.created", "allocation", row["id"], told)
    if cents:
        await uow.start_workflow(flows["allocation"].run(row))
    return row, True


def _share(child: RowMapping, owner: RowMapping, month: date) -> Share:
    if child["monthly_cents"] is None:
        raise StateConflict("amount_unknown", "The child has no monthly amount: name one.", field="amount")
    monthly = Money(child["monthly_cents"], owner["currency"])
    first = None if child["first_month_cents"] is None else Money(child["first_month_cents"], owner["currency"])
    share = share_of_month(monthly, first, child["starts_on"], month)
    require_allocation(share.money.minor_units, owner["cap_cents"], field="amount")
    return share


def _same(standing: RowMapping, money: Money | None) -> RowMapping:
    if money is not None and standing["allocation_cents"] != money.minor_units:
        raise StateConflict("allocation_exists", "The month is allocated with another amount.", field="amount")
    return standing
