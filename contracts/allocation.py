"""What the workflow of an allocation learns from its row."""

from datetime import datetime

from pydantic import BaseModel

LOOK_AT_ALLOCATION = "allocation.look"


class AllocationStanding(BaseModel):
    """Where the funding stands; `stopped` says why nothing is done until a person acts."""

    funding_state: str
    stopped: str | None
    business_now: datetime
