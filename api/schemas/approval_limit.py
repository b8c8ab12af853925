"""Approval limits in the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.fields import LARGEST_AMOUNT, RequestModel, ResponseModel
from domain.ids import public_id


class NewApprovalLimit(RequestModel):
    """An operator's limit in any 24 hours; 0 approves nothing, null is the installation's default."""

    per_day: Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, examples=[500_000])] | None


class ApprovalLimitView(ResponseModel):
    """What an operator may approve in any 24 hours, in cents, and what is used of it now."""

    operator_id: str
    name: str
    per_day: int
    is_default: bool
    used: int
    changed_at: datetime | None


class ApprovalLimits(ResponseModel):
    """Every operator's limit."""

    data: list[ApprovalLimitView]


def approval_limit_view(row: Mapping[Any, Any], used: int, *, default: int) -> ApprovalLimitView:
    """A limit from its row."""
    return ApprovalLimitView(
        operator_id=public_id("opr", row["operator_id"]),
        name=row["name"],
        per_day=default if row["per_day"] is None else row["per_day"],
        is_default=row["per_day"] is None,
        used=used,
        changed_at=row["changed_at"],
    )
