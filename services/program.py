"""Subsidy programmes: register one, and book what money has reached it at Chek."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.queries import program as queries
from db.unit_of_work import UnitOfWork
from domain.childcare_accounts import CHEK_CASH, program_funds
from domain.childcare_limits import CURRENCY
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.money import Money
from domain.money_call import LedgerLine
from settings import Settings


async def create(
    uow: UnitOfWork,
    settings: Settings,
    name: str,
    chek_program_id: str,
    *,
    time_zone: str | None,
    cap: int | None,
    children_per_provider: int | None = None,
    last_month: date | None = None,
) -> RowMapping:
    """Register a programme that exists at Chek; zone and limits default to the settings, and it ends when told."""
    if last_month is not None and last_month.day != 1:
        raise InvalidInput("last_month", "Must be the first day of a month.", code="invalid_month")
    zone = time_zone or settings.childcare.time_zone
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise InvalidInput("time_zone", "Must be a time zone of the IANA database.") from None
    try:
        async with uow.savepoint():
            row = await queries.add(
                uow,
                id=new_id(),
                name=name,
                chek_program_id=chek_program_id,
                time_zone=zone,
                currency=CURRENCY,
                cap_cents=cap or settings.childcare.cap,
                last_month=last_month,
                children_per_provider=children_per_provider or settings.childcare.children_per_provider,
            )
    except IntegrityError:
        raise StateConflict(
            "program_exists", "A programme of this name, or this programme at Chek, is registered already."
        ) from None
    await uow.audit("program.created", "program", row["id"], {"name": name})
    return row


async def fund(uow: UnitOfWork, program_id: UUID, money: Money, reference: str) -> tuple[RowMapping, bool]:
    """Book money that reached the programme at Chek: (row, False) when this reference is booked already."""
    owner = await queries.get(uow, program_id, lock=True)
    if money.currency != owner["currency"]:
        raise InvalidInput("currency", f"The programme's currency is {owner['currency']}.", code="unsupported_currency")
    standing = await queries.funding_of(uow, program_id, reference)
    if standing is not None:
        if standing["amount_cents"] != money.minor_units:
            raise StateConflict("reference_used", "This reference is booked with another amount.", field="reference")
        return standing, False
    values: dict[str, Any] = {"amount_cents": money.minor_units, "currency": money.currency}
    row = await queries.add_funding(uow, id=new_id(), program_id=program_id, reference=reference, **values)
    await uow.audit("program.funded", "program", program_id, {"reference": reference, **values})
    await uow.tell("program.funded", "program", program_id, values)
    await uow.ledger.post(
        f"program/{program_id}/funding/{row['id']}",
        "program_funding",
        money.currency,
        [LedgerLine(CHEK_CASH, program_funds(program_id), money.minor_units)],
        (await uow.business_now()).date(),
        description=f"Programme funded, reference {reference}",
    )
    return row, True
