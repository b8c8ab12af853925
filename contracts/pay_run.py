"""What the workflow of a pay run learns from its rows."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

CARRY_ON = "pay_run.carry_on"


class PaymentRun(BaseModel):
    """A payment whose run is to be started as a child; starting it again is harmless."""

    workflow_id: str
    id: UUID
    search_attributes: Mapping[str, str]
    summary: str
    details: str


class PayRunStanding(BaseModel):
    """Where the run stands: the payments under way, all of them, and the progress in words."""

    state: str
    ended: bool
    under_way: list[PaymentRun]
    progress: str
    business_now: datetime
