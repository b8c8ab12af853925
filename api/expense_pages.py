"""Expenses as answers, with their receipts and what is odd about them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.schemas.receipt import receipt_view, warning_view
from api.schemas.report import ExpenseView, expense_view
from db.queries import receipt as receipts
from db.unit_of_work import UnitOfWork


async def expense_views(uow: UnitOfWork, rows: Sequence[Mapping[Any, Any]]) -> dict[UUID, ExpenseView]:
    """These expenses by id."""
    ids = [row["id"] for row in rows]
    files = await receipts.of_expenses(uow, ids)
    odd = await receipts.warnings_of(uow, ids)
    return {
        row["id"]: expense_view(
            row,
            [receipt_view(file) for file in files if file["expense_id"] == row["id"]],
            [warning_view(warning) for warning in odd if warning["expense_id"] == row["id"]],
        )
        for row in rows
    }
