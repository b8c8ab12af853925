"""Receipts and what is odd about an expense, in the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from api.fields import ResponseModel
from domain.ids import public_id


class ReceiptView(ResponseModel):
    """A receipt. `sha256` is of the file as it was uploaded, in hexadecimal digits."""

    id: str
    expense_id: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime


class ExpenseWarning(ResponseModel):
    """The same file, or the same payee's same amount on the same day, stands in another expense too."""

    code: Literal["receipt_used_before", "spent_before"]
    expense_id: str
    report_id: str
    report_state: str


def receipt_view(row: Mapping[Any, Any]) -> ReceiptView:
    """A receipt from its row."""
    return ReceiptView(
        id=public_id("rct", row["id"]),
        expense_id=public_id("rex", row["expense_id"]),
        media_type=row["media_type"],
        size=row["size"],
        sha256=row["sha256"].hex(),
        created_at=row["created_at"],
    )


def warning_view(row: Mapping[Any, Any]) -> ExpenseWarning:
    """A warning from its row."""
    return ExpenseWarning(
        code=row["code"],
        expense_id=public_id("rex", row["other_expense_id"]),
        report_id=public_id("rmr", row["other_report_id"]),
        report_state=row["other_state"],
    )
