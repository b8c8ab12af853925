"""Deposits in the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.fields import Currency, PositiveAmount, RequestModel, ResponseModel
from domain.ids import public_id
from domain.ledger_accounts import organization_cash

BankReference = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")]


class NewDeposit(RequestModel):
    """A line of the bank's statement that brought the organization's money."""

    amount: PositiveAmount
    currency: Currency
    bank_account: Literal["fs_main"] = "fs_main"
    bank_reference: BankReference = Field(description="the bank's own id of the line", examples=["wire_2TzKd8"])
    received_on: date


class DepositView(ResponseModel):
    """A deposit, booked to `ledger_account`."""

    id: str
    amount: int
    currency: str
    bank_account: str
    bank_reference: str
    received_on: date
    ledger_account: str
    created_at: datetime


def deposit_view(row: Mapping[Any, Any]) -> DepositView:
    """A deposit from its row."""
    return DepositView(
        id=public_id("dep", row["id"]),
        amount=row["amount"],
        currency=row["currency"],
        bank_account=row["bank_account"],
        bank_reference=row["bank_reference"],
        received_on=row["received_on"],
        ledger_account=organization_cash(row["organization_id"]),
        created_at=row["created_at"],
    )
