"""What the workflow of an onboarding learns from its row."""

from datetime import datetime

from pydantic import BaseModel

LOOK_AT_ONBOARDING = "onboarding.look"
ONBOARD_AGAIN = "onboarding.again"


class OnboardingStanding(BaseModel):
    """Where it stands; `step` is the one to be done; `stopped` says why none is.

    `again_seconds` is the pause before it goes on by itself, where nobody has to act.
    """

    state: str
    ended: bool
    step: str | None
    stopped: str | None
    again_seconds: float | None = None
    business_now: datetime
