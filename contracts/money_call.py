"""The money call as workflows see it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

PERFORM = "money_call.perform"
WATCH = "money_call.watch"

CallState = Literal["applied", "refused", "unknown", "needs_person", "waiting", "blocked", "not_recorded"]


class PerformMoneyCall(BaseModel):
    """Do one step of a flow: record it if it is not, send it if that is safe, find out otherwise."""

    organization_id: UUID
    flow: str
    flow_id: UUID
    step: str


class MoneyCallResult(BaseModel):
    """Where the step stands.

    `applied`, `refused`: final. `unknown`: ask again after `ask_again_seconds`. `needs_person`: until it is resolved.
    `waiting`: another payment uses the wallet. `blocked`: a case must be closed before anything may be sent.
    `not_recorded`: refused before anything was recorded (funds, a rule); nothing was sent.
    """

    state: CallState
    code: str | None = None
    message: str | None = None
    must_act: Literal["payee", "operator", "nobody"] | None = None
    money_call_id: UUID | None = None
    ordinal: int | None = None
    ask_again_seconds: float = 0.0
    business_now: datetime | None = None


class WatchReport(BaseModel):
    """What the watch saw, what it took over, what it put before a person, and at how many calls it failed to look."""

    looked_at: int
    taken_over: int
    stranded: int
    failed: int = 0
