"""Top-ups of the PayPal balance in the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import Field

from api.fields import PositiveAmount, RequestModel, ResponseModel
from api.schemas.deposit import BankReference
from domain.ids import public_id


class NewTopUp(RequestModel):
    """A line of the bank's statement that took money from FS Main to PayPal; US dollars."""

    amount: PositiveAmount
    bank_reference: BankReference = Field(description="the bank's own id of the line", examples=["wire_2TzKd8"])
    moved_on: date


class TopUpView(ResponseModel):
    """A top-up that is booked."""

    id: str
    amount: int
    currency: str
    bank_reference: str
    moved_on: date
    recorded_by: str
    created_at: datetime


def top_up_view(row: Mapping[Any, Any]) -> TopUpView:
    """A top-up from its row."""
    return TopUpView(
        id=public_id("ppt", row["id"]),
        amount=row["amount"],
        currency=row["currency"],
        bank_reference=row["bank_reference"],
        moved_on=row["moved_on"],
        recorded_by=public_id("opr", row["recorded_by"]),
        created_at=row["created_at"],
    )
