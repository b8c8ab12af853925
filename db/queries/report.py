"""Reports and their expenses."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, RowMapping, String, delete, func, insert, literal_column, select, update

from db.queries.page import after_cursor
from db.queries.row import by, change_row
from db.tables.report import expense, report
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound

FLOW = "reimbursement"
"""The flow's name: the subject kind of everything that is told about a report."""

_LOCKED = by(report, "id").with_for_update()
# the hashes of its files, which an approval binds to
_RECEIPTS = literal_column(
    "array(select encode(sha256, 'hex') from receipt where receipt.expense_id = expense.id order by 1)",
    ARRAY(String),
).label("receipts")


async def add(uow: UnitOfWork, report_id: UUID, values: Mapping[str, Any]) -> None:
    """Insert a draft."""
    await uow.connection.execute(
        insert(report).values(id=report_id, organization_id=uow.organization_id, state="draft", **values)
    )
    await told(uow, report_id, "created", {})


async def get(uow: UnitOfWork, report_id: UUID, *, lock: bool = False) -> RowMapping:
    """One report. Raises NotFound."""
    row = await uow.one_or_none(_LOCKED if lock else by(report, "id"), id=report_id)
    if row is None:
        raise NotFound("report")
    return row


async def change(uow: UnitOfWork, report_id: UUID, action: str, **values: Any) -> RowMapping:
    """Change a report and say so; returns it as it stands now."""
    await change_row(uow, report, report_id, **values)
    await told(uow, report_id, action, {key: value for key, value in values.items() if not isinstance(value, bytes)})
    return await get(uow, report_id)


async def listed(uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]) -> list[RowMapping]:
    """Reports, newest first; `filters` are columns and the values they must have."""
    statement = select(report)
    for name, value in filters.items():
        statement = statement.where(report.c[name] == value)
    return await uow.all(after_cursor(statement, report.c.id, after, limit))


async def using_method(uow: UnitOfWork, method_id: UUID, states: Sequence[str]) -> bool:
    """Whether a report in one of these states is to be paid by this method."""
    found = await uow.one_or_none(
        select(report.c.id).where(report.c.method_id == method_id, report.c.state.in_(states)).limit(1)
    )
    return found is not None


async def add_expense(uow: UnitOfWork, report_id: UUID, expense_id: UUID, values: Mapping[str, Any]) -> None:
    """Add an expense; its number is the next of the report, whose row must be locked."""
    number = select(func.coalesce(func.max(expense.c.number), 0) + 1).where(expense.c.report_id == report_id)
    await uow.connection.execute(
        insert(expense).values(
            id=expense_id,
            organization_id=uow.organization_id,
            report_id=report_id,
            number=number.scalar_subquery(),
            **values,
        )
    )
    await told(uow, report_id, "expense_added", {"expense_id": expense_id, "amount": values["amount"]})


async def change_expense(uow: UnitOfWork, row: Mapping[Any, Any], action: str, **values: Any) -> None:
    """Change one expense and say so."""
    await uow.connection.execute(update(expense).where(expense.c.id == row["id"]).values(**values))
    await told(uow, row["report_id"], f"expense_{action}", {"expense_id": row["id"], **values})


async def remove_expense(uow: UnitOfWork, row: Mapping[Any, Any]) -> None:
    """Take an expense out of a draft."""
    await uow.connection.execute(delete(expense).where(expense.c.id == row["id"]))
    await told(uow, row["report_id"], "expense_removed", {"expense_id": row["id"], "amount": row["amount"]})


async def add_author(uow: UnitOfWork, row: Mapping[Any, Any], operator_id: UUID) -> None:
    """Remember that an operator wrote a part of the report, whose row is locked: they never decide on it."""
    if operator_id not in row["authors"]:
        await uow.connection.execute(
            update(report)
            .where(report.c.id == row["id"])
            .values(authors=func.array_append(report.c.authors, operator_id))
        )


async def get_expense(uow: UnitOfWork, report_id: UUID, expense_id: UUID) -> RowMapping:
    """One expense of a report with `receipts`, the hashes of its files. Raises NotFound."""
    row = await uow.one_or_none(
        select(expense, _RECEIPTS).where(expense.c.id == expense_id, expense.c.report_id == report_id)
    )
    if row is None:
        raise NotFound("expense")
    return row


async def expenses_of(uow: UnitOfWork, report_ids: Sequence[UUID]) -> list[RowMapping]:
    """The expenses of these reports, by number."""
    return await uow.all(
        select(expense, _RECEIPTS)
        .where(expense.c.report_id.in_(report_ids))
        .order_by(expense.c.report_id, expense.c.number)
    )


async def told(uow: UnitOfWork, report_id: UUID, action: str, detail: Mapping[str, Any]) -> None:
    """Write to audit and outgoing events what happened to a report."""
    shown = {key: str(value) if isinstance(value, UUID) else value for key, value in detail.items()}
    shown = {key: value if isinstance(value, (str, int, type(None))) else str(value) for key, value in shown.items()}
    await uow.audit(f"report.{action}", FLOW, report_id, shown)
    await uow.tell(f"report.{action}", FLOW, report_id, shown)
