"""Reclaims in the API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import Field

from api.fields import Currency, Line, PositiveAmount, RequestModel, ResponseModel
from api.schemas.flow import FlowDetail, Links
from domain.ids import public_id
from domain.reclaim import ReclaimState


class NewReclaim(RequestModel):
    """Unused money to take back from a child's month; without an amount all that is free of it."""

    allocation_id: str = Field(examples=["alloc_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    amount: PositiveAmount | None = None
    currency: Currency = "USD"
    reason: Line = Field(examples=["The month is over."])
    release_unsubmitted: bool = Field(
        False, description="first free what was selected in a month that is over and was never submitted for payment"
    )


class ReclaimView(ResponseModel):
    """A reclaim. Its amount is out of the budget from the start, and back in it once it is cancelled."""

    id: str
    allocation_id: str
    child_id: str
    family_id: str
    program_id: str
    month: date
    amount: int
    currency: str
    reason: str
    state: ReclaimState
    code: str | None
    message: str | None
    who_must_act: str | None
    created_at: datetime
    ended_at: datetime | None
    links: Links
    detail: FlowDetail | None = None


def reclaim_view(row: Mapping[Any, Any], links: Links, detail: FlowDetail | None = None) -> ReclaimView:
    """A reclaim from its row."""
    return ReclaimView(
        id=public_id("recl", row["id"]),
        allocation_id=public_id("alloc", row["allocation_id"]),
        child_id=public_id("child", row["child_id"]),
        family_id=public_id("fam", row["family_id"]),
        program_id=public_id("prog", row["program_id"]),
        amount=row["amount_cents"],
        who_must_act=row["must_act"],
        links=links,
        detail=detail,
        **{
            name: row[name]
            for name in ("month", "currency", "reason", "state", "code", "message", "created_at", "ended_at")
        },
    )
