"""What the reimbursement workflow learns from its rows."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

REIMBURSE = "reimbursement.reimburse"
LOOK = "reimbursement.look"
WIND_UP = "reimbursement.wind_up"


class ReimbursementStanding(BaseModel):
    """Where a report and its payout stand.

    `payout_state` is None before the payout exists. `steps` are the money steps that are due now, in order. `blocked`
    says why nothing can go on without an operator. `mails` are not sent yet.
    """

    report_state: str
    payout_state: str | None = None
    must_act: str | None = None
    blocked: str | None = None
    steps: list[str] = []
    mails: list[UUID] = []
    business_now: datetime
