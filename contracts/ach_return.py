"""What the workflows of returns and of corrected accounts learn from their rows."""

from datetime import datetime

from pydantic import BaseModel

REINITIATE = "ach_return.reinitiate"
LOOK_AT_CHANGE = "ach_account_change.look"
WATCH_RETURNS = "ach_return.watch"


class ReinitiationStanding(BaseModel):
    """Where a planned try stands: `planned` until `due`, then `made` or `canceled`."""

    state: str
    due: datetime | None
    business_now: datetime


class ChangeStanding(BaseModel):
    """Where a correction stands; `waits_for` names what comes first while it is not its turn."""

    state: str
    waits_for: str | None
    business_now: datetime


class ReturnWatchReport(BaseModel):
    """How many rates were looked at, how many alerts were raised, how many corrections are overdue."""

    rates: int
    alerts: int
    overdue_changes: int
