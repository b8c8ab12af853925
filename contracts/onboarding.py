"""What the workflow of an onboarding learns from its row."""

from datetime import datetime

from pydantic import BaseModel

LOOK_AT_ONBOARDING = "onboarding.look"


class OnboardingStanding(BaseModel):
    """Where it stands; `step` is the one to be done; `stopped` says why none is until a person acts."""

    state: str
    ended: bool
    step: str | None
    stopped: str | None
    business_now: datetime
