"""What ACH workflows learn from their rows."""

from datetime import datetime

from pydantic import BaseModel

VERIFY_ACCOUNT = "ach_account.verify"
LOOK_AT_ENTRY = "ach_entry.look"


class AccountStanding(BaseModel):
    """Where an account stands; `verifies_at` while only time is missing."""

    state: str
    verification_state: str
    verifies_at: datetime | None
    business_now: datetime


class EntryStanding(BaseModel):
    """Where a debit, credit or void stands."""

    ach_state: str
    business_now: datetime
