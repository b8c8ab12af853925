"""Lump sums in the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, Strict

from api.fields import Currency, PositiveAmount, RequestModel, ResponseModel
from api.schemas.care_day import ItemState, item_state, payment_id
from domain.ids import public_id

Days = Annotated[int, Strict(), Field(ge=0, le=31)]


class NewLumpSum(RequestModel):
    """An amount to promise out of an allocation, for at least one day or half day of care."""

    allocation_id: str = Field(examples=["alloc_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    provider_id: str = Field(examples=["prov_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    amount: PositiveAmount
    currency: Currency
    days: Days = 0
    half_days: Days = 0
    submit: bool = Field(False, description="pay it at once; where it cannot be paid now nothing is promised")


class LumpSumView(ResponseModel):
    """A lump sum."""

    id: str
    allocation_id: str
    child_id: str
    provider_id: str
    amount: int
    currency: str
    days: int
    half_days: int
    state: ItemState
    provider_payment_id: str | None
    created_at: datetime
    deleted_at: datetime | None


def lump_sum_view(row: Mapping[Any, Any]) -> LumpSumView:
    """A lump sum from its row."""
    return LumpSumView(
        id=public_id("lump", row["id"]),
        allocation_id=public_id("alloc", row["allocation_id"]),
        child_id=public_id("child", row["child_id"]),
        provider_id=public_id("prov", row["provider_id"]),
        amount=row["amount_cents"],
        currency=row["currency"],
        days=row["days"],
        half_days=row["half_days"],
        state=item_state(row),
        provider_payment_id=payment_id(row),
        created_at=row["created_at"],
        deleted_at=row["deleted_at"],
    )
