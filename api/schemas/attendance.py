"""Attendance in the API."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, Strict

from api.fields import RequestModel, ResponseModel
from domain.attendance import Missing
from domain.ids import public_id

Days = Annotated[int, Strict(), Field(ge=0, le=7)]
Side = Literal["family", "provider"]


class NewAttendance(RequestModel):
    """The days of a week that a child spent with a provider, as one side has it. The week is named by its Monday."""

    child_id: str = Field(examples=["child_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    provider_id: str = Field(examples=["prov_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    week: dt.date = Field(examples=["2025-11-03"])
    entered_by: Side
    full_days: Days
    half_days: Days = 0


class AttendanceView(ResponseModel):
    """A week, as each side entered it."""

    id: str
    child_id: str
    provider_id: str
    week: dt.date
    family_full_days: int | None
    family_half_days: int | None
    family_entered_at: dt.datetime | None
    provider_full_days: int | None
    provider_half_days: int | None
    provider_entered_at: dt.datetime | None
    created_at: dt.datetime


class OverdueWeek(ResponseModel):
    """A week that a side must enter before more is paid to this provider."""

    provider_id: str
    week: dt.date
    side: Side


class OverdueWeeks(ResponseModel):
    """All that is overdue of one child, by provider and week."""

    overdue: list[OverdueWeek]


def attendance_view(row: Mapping[Any, Any]) -> AttendanceView:
    """A week from its row."""
    own = {"id", "child_id", "provider_id"}
    return AttendanceView(
        id=public_id("att", row["id"]),
        child_id=public_id("child", row["child_id"]),
        provider_id=public_id("prov", row["provider_id"]),
        **{name: row[name] for name in AttendanceView.model_fields if name not in own},
    )


def overdue_view(found: Mapping[UUID, Sequence[Missing]]) -> OverdueWeeks:
    """What is overdue, by provider."""
    weeks = [
        OverdueWeek(provider_id=public_id("prov", provider_id), week=item.week, side=item.side)
        for provider_id, items in found.items()
        for item in items
    ]
    return OverdueWeeks(overdue=weeks)
