"""Programmes in the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from api.fields import Currency, Line, PositiveAmount, RequestModel, ResponseModel
from domain.ids import public_id

ChekNumber = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,14}$")]
"""Chek's id of a programme or user: a number."""

Reference = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,100}$")]


class NewProgram(RequestModel):
    """A programme that exists at Chek. `cap` is the most per month allocation, payment and lump sum."""

    name: Line
    chek_program_id: ChekNumber = Field(examples=["501"])
    time_zone: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(None, examples=["America/Denver"])
    cap: PositiveAmount | None = Field(None, examples=[140000])
    last_month: date | None = Field(None, description="the last month that is allocated", examples=["2027-06-01"])
    children_per_provider: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="how many children a provider may care for when one of this comes to it", examples=[2]
    )


class ProgramView(ResponseModel):
    """A programme; `today` is its date, by the business clock and in its zone."""

    id: str
    name: str
    chek_program_id: str
    time_zone: str
    currency: str
    cap: int
    last_month: date | None
    children_per_provider: int
    today: date
    created_at: datetime


class NewFunding(RequestModel):
    """Money that reached the programme at Chek, under the reference of whoever sent it."""

    amount: PositiveAmount
    currency: Currency
    reference: Reference


class FundingView(ResponseModel):
    """Money that reached the programme."""

    id: str
    program_id: str
    amount: int
    currency: str
    reference: str
    created_at: datetime


def program_view(row: Mapping[Any, Any], now: datetime) -> ProgramView:
    """A programme from its row, as it is at an instant of the business clock."""
    return ProgramView(
        id=public_id("prog", row["id"]),
        cap=row["cap_cents"],
        today=now.astimezone(ZoneInfo(row["time_zone"])).date(),
        **{name: row[name] for name in ProgramView.model_fields if name not in {"id", "cap", "today"}},
    )


def funding_view(row: Mapping[Any, Any]) -> FundingView:
    """A funding from its row."""
    return FundingView(
        id=public_id("fund", row["id"]),
        program_id=public_id("prog", row["program_id"]),
        amount=row["amount_cents"],
        currency=row["currency"],
        reference=row["reference"],
        created_at=row["created_at"],
    )
