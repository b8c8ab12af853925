"""What the workflow of a reclaim learns from its row."""

from datetime import datetime

from pydantic import BaseModel

LOOK_AT_RECLAIM = "reclaim.look"


class ReclaimStanding(BaseModel):
    """Where it stands; `stopped` says why nothing is done until a person acts."""

    state: str
    ended: bool
    stopped: str | None
    business_now: datetime
