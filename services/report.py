"""Writing reports: drafts, their payout method and their expenses."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import payee as payees
from db.queries import report as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, LimitExceeded
from domain.ids import new_id
from domain.principal import Principal
from domain.report import MOST_EXPENSES, require_draft


async def create(
    uow: UnitOfWork, asker: Principal, payee_id: UUID, *, name: str | None, currency: str, method_id: UUID | None
) -> RowMapping:
    """A draft. The payee's default method is taken unless another is named; it stays the report's own."""
    if currency != "USD":
        raise InvalidInput("currency", "Reports are in US dollars.", code="unsupported_currency")
    payee = await payees.get(uow, payee_id)
    if method_id is None:
        default = await payees.default_method(uow, payee_id)
        method_id = None if default is None else default["id"]
    else:
        await _require_own_method(uow, payee_id, method_id)
    today = (await uow.business_now()).date()
    report_id = new_id()
    await queries.add(
        uow,
        report_id,
        {
            "payee_id": payee_id,
            "payee_operator_id": payee["operator_id"],
            "method_id": method_id,
            "name": name or f"Expenses from {today:%B} {today.day}, {today.year}",
            "currency": currency,
            "created_by": asker.operator_id,
        },
    )
    return await queries.get(uow, report_id)


async def edit(uow: UnitOfWork, report_id: UUID, *, name: str | None, method_id: UUID | None) -> RowMapping:
    """Change a draft's name or payout method."""
    row = await _draft(uow, report_id)
    if method_id is not None:
        await _require_own_method(uow, row["payee_id"], method_id)
    changes = {key: value for key, value in (("name", name), ("method_id", method_id)) if value is not None}
    return await queries.change(uow, report_id, "edited", **changes) if changes else row


async def add_expense(uow: UnitOfWork, report_id: UUID, values: Mapping[str, Any]) -> RowMapping:
    """Add an expense to a draft."""
    await _draft(uow, report_id)
    if len(await queries.expenses_of(uow, [report_id])) >= MOST_EXPENSES:
        raise LimitExceeded(f"A report has at most {MOST_EXPENSES} expenses.", code="too_many_expenses")
    expense_id = new_id()
    await queries.add_expense(uow, report_id, expense_id, values)
    return await queries.get_expense(uow, report_id, expense_id)


async def edit_expense(uow: UnitOfWork, report_id: UUID, expense_id: UUID, values: Mapping[str, Any]) -> RowMapping:
    """Change an expense of a draft; an approval that it had from an earlier submission is void."""
    await _draft(uow, report_id)
    row = await queries.get_expense(uow, report_id, expense_id)
    await queries.change_expense(uow, row, "edited", **values, state="pending", approved_by=None, approved_at=None)
    return await queries.get_expense(uow, report_id, expense_id)


async def remove_expense(uow: UnitOfWork, report_id: UUID, expense_id: UUID) -> None:
    """Take an expense out of a draft."""
    await _draft(uow, report_id)
    await queries.remove_expense(uow, await queries.get_expense(uow, report_id, expense_id))


async def _draft(uow: UnitOfWork, report_id: UUID) -> RowMapping:
    row = await queries.get(uow, report_id, lock=True)
    require_draft(row)
    return row


async def _require_own_method(uow: UnitOfWork, payee_id: UUID, method_id: UUID) -> None:
    method = await payees.get_method(uow, method_id)
    if method["payee_id"] != payee_id or method["archived_at"] is not None:
        raise InvalidInput("payout_method_id", "The payout method is not one of the payee's present methods.")
