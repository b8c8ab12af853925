"""Writing expenses: ordinary ones, and mileage whose amount follows from the miles and the day of travel."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import mileage_rate as rates
from db.queries import receipt as receipts
from db.queries import report as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, LimitExceeded
from domain.ids import new_id
from domain.mileage import mileage_amount, parse_miles, rate_on
from domain.principal import Principal
from domain.report import MOST_EXPENSES, require_draft


async def add(uow: UnitOfWork, asker: Principal, report_id: UUID, given: Mapping[str, Any]) -> RowMapping:
    """Add an expense to a draft. Whoever writes one does not decide on the report."""
    await draft(uow, asker, report_id)
    if len(await queries.expenses_of(uow, [report_id])) >= MOST_EXPENSES:
        raise LimitExceeded(f"A report has at most {MOST_EXPENSES} expenses.", code="too_many_expenses")
    expense_id = new_id()
    await queries.add_expense(uow, report_id, expense_id, await _values(uow, given))
    return await queries.get_expense(uow, report_id, expense_id)


async def edit(
    uow: UnitOfWork, asker: Principal, report_id: UUID, expense_id: UUID, given: Mapping[str, Any]
) -> RowMapping:
    """Replace an expense of a draft; an approval that it had from an earlier submission is void."""
    await draft(uow, asker, report_id)
    row = await queries.get_expense(uow, report_id, expense_id)
    values = await _values(uow, given)
    await queries.change_expense(uow, row, "edited", **values, state="pending", approved_by=None, approved_at=None)
    return await queries.get_expense(uow, report_id, expense_id)


async def remove(uow: UnitOfWork, asker: Principal, report_id: UUID, expense_id: UUID) -> None:
    """Take an expense and its receipts out of a draft."""
    await draft(uow, asker, report_id)
    row = await queries.get_expense(uow, report_id, expense_id)
    await receipts.remove(uow, [found["id"] for found in await receipts.of_expenses(uow, [expense_id])])
    await queries.remove_expense(uow, row)


async def freeze_mileage(uow: UnitOfWork, report_id: UUID) -> None:
    """Price every mileage expense of a draft by the rates as they are now; the last time is its submission."""
    for row in await queries.expenses_of(uow, [report_id]):
        if row["kind"] == "mileage":
            values = await _mileage(uow, row["distance"], row["spent_on"])
            if any(row[name] != value for name, value in values.items()):
                await queries.change_expense(uow, row, "priced", **values)


async def draft(uow: UnitOfWork, asker: Principal, report_id: UUID) -> RowMapping:
    """The report, locked, which the asker is about to write in. Raises StateConflict unless it is a draft."""
    row = await queries.get(uow, report_id, lock=True)
    require_draft(row)
    await queries.add_author(uow, row, asker.operator_id)
    return row


async def _values(uow: UnitOfWork, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an expense as it was given."""
    amount, miles, day = given["amount"], given["miles"], given["spent_on"]
    values = {name: given[name] for name in ("kind", "memo", "description", "spent_on")}
    if given["kind"] == "ordinary":
        if amount is None:
            raise InvalidInput("amount", "An ordinary expense has an amount.")
        if miles is not None:
            raise InvalidInput("miles", "Only mileage has miles.")
        return {**values, "amount": amount, "distance": None, "rate": None, "rate_source": None}
    if amount is not None:
        raise InvalidInput("amount", "The amount of mileage follows from its miles.")
    if miles is None:
        raise InvalidInput("miles", "Mileage has miles.")
    if day is None or day > (await uow.business_now()).date():
        raise InvalidInput("spent_on", "Mileage has a day of travel, which is not ahead.")
    return values | await _mileage(uow, parse_miles(miles), day)


async def _mileage(uow: UnitOfWork, distance: int, day: Any) -> dict[str, Any]:
    rate = rate_on(day, await rates.own_rates(uow))
    amount = mileage_amount(distance, rate.tenths_of_a_cent)
    if amount == 0:
        raise InvalidInput("miles", "That distance comes to less than half a cent.")
    return {"distance": distance, "rate": rate.tenths_of_a_cent, "rate_source": rate.source, "amount": amount}
