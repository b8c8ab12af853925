"""The sandbox's business clock in the API."""

from datetime import datetime

from pydantic import Field

from api.fields import RequestModel, ResponseModel


class Advance(RequestModel):
    """How far to move the clock."""

    days: int = Field(default=0, ge=0, le=400)
    hours: int = Field(default=0, ge=0, le=23)


class ClockView(ResponseModel):
    """Where the business clock stands."""

    business_now: datetime
