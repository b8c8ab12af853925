"""What the look at payouts, and at what banks did to them, has found."""

from pydantic import BaseModel

WATCH_PAYOUTS = "payout.watch"


class PayoutWatchReport(BaseModel):
    """How many payouts were looked at, and how many were settled, came back, or are a person's.

    `unread`: bank accounts that Chek did not show; `replanned`: steps that go on because the books agree again.
    """

    looked_at: int
    settled: int
    returned: int
    cases: int
    unread: int
    replanned: int
