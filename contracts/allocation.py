"""What the workflow of an allocation learns from its row."""

from datetime import datetime

from pydantic import BaseModel

LOOK_AT_ALLOCATION = "allocation.look"
FUND_AGAIN = "allocation.fund_again"


class AllocationStanding(BaseModel):
    """Where the funding stands; `stopped` says why nothing is done until a person acts.

    Or until `again_seconds` have passed: the money was proven not to have moved, and nobody has to do anything.
    """

    funding_state: str
    stopped: str | None
    again_seconds: float | None = None
    business_now: datetime
