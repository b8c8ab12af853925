"""Care days in the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from api.fields import RequestModel, ResponseModel
from domain.ids import public_id
from domain.provider_payment import MADE, RESERVED, PaymentState

ItemState = Literal["selected", "reserved", "paying", "paid", "returned", "deleted"]
"""`reserved`: in a payment whose money has not left the family's wallet; `paying`: on its way, or before the payout."""


class NewCareDay(RequestModel):
    """A day to promise out of an allocation."""

    allocation_id: str = Field(examples=["alloc_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    provider_id: str = Field(examples=["prov_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    date: date
    kind: Literal["full", "half"]


class ChangedCareDay(RequestModel):
    """A day made full or half; it is priced anew."""

    kind: Literal["full", "half"]


class CareDayView(ResponseModel):
    """A care day. `missing` is what the family owes the provider where the budget was short."""

    id: str
    allocation_id: str
    child_id: str
    provider_id: str
    date: date
    kind: Literal["full", "half"]
    rate: int
    amount: int
    missing: int
    currency: str
    state: ItemState
    provider_payment_id: str | None
    created_at: datetime
    deleted_at: datetime | None


def item_state(row: Mapping[Any, Any]) -> ItemState:
    """Where a care day or lump sum is: a payment that was given back or cancelled has let go of it."""
    if row["deleted_at"] is not None:
        return "deleted"
    if row["payment_state"] is None:
        return "selected"
    if row["payment_state"] == PaymentState.RETURNED:
        return "returned"
    if row["payment_state"] in RESERVED:
        return "reserved"
    return "paid" if row["payment_state"] in MADE else "paying"


def payment_id(row: Mapping[Any, Any]) -> str | None:
    """The payment that it is in."""
    return None if row["payment_intent_id"] is None else public_id("ppay", row["payment_intent_id"])


def care_day_view(row: Mapping[Any, Any]) -> CareDayView:
    """A care day from its row."""
    return CareDayView(
        id=public_id("day", row["id"]),
        allocation_id=public_id("alloc", row["allocation_id"]),
        child_id=public_id("child", row["child_id"]),
        provider_id=public_id("prov", row["provider_id"]),
        date=row["date"],
        kind=row["kind"],
        rate=row["rate_cents"],
        amount=row["amount_cents"],
        missing=row["missing_cents"],
        currency=row["currency"],
        state=item_state(row),
        provider_payment_id=payment_id(row),
        created_at=row["created_at"],
        deleted_at=row["deleted_at"],
    )
