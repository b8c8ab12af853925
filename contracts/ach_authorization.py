"""What the workflow of an authorization learns from its rows."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

KEEP_AUTHORIZATION = "ach_authorization.keep"


class AuthorizationStanding(BaseModel):
    """Where an authorization stands; `look_at` is None once nothing will be due by itself any more."""

    state: str
    look_at: datetime | None
    waiting_for: str
    mails: list[UUID]
    business_now: datetime
