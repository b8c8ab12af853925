"""What the daily look at the partners' own lists of payouts has found."""

from pydantic import BaseModel

RECONCILE_PAYOUTS = "payout.reconcile"


class PayoutReconciliationReport(BaseModel):
    """How many transfers were looked at, and how many of them told something that no webhook had (`missed`).

    Cases that were opened: `unknown`, made there by nobody here; `differing`, of another amount; `missing`, ours and
    not known there. `unread`: lists that the partner did not show.
    """

    looked_at: int = 0
    missed: int = 0
    unknown: int = 0
    differing: int = 0
    missing: int = 0
    unread: int = 0
