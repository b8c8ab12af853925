"""A pay run: all care days of a period that nobody submitted yet, one payment per provider and child's month."""

from enum import StrEnum


class PayRunState(StrEnum):
    """Where a run is. Finished means that no pair waits any more, not that every pair was paid."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class PairState(StrEnum):
    """Where a pair is in its run: from `begun` on its payment says the rest."""

    WAITING = "waiting"
    BEGUN = "begun"
    REFUSED = "refused"
    NOTHING_DUE = "nothing_due"
    DROPPED = "dropped"


class Standing(StrEnum):
    """A pair and its payment in one word, as progress counts them."""

    WAITING = "waiting"
    PAYING = "paying"
    IN_DOUBT = "in_doubt"
    PAID = "paid"
    STOPPED = "stopped"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOTHING_DUE = "nothing_due"
    DROPPED = "dropped"


OPEN = frozenset({PayRunState.RUNNING, PayRunState.PAUSED})
FAILED = frozenset({Standing.STOPPED, Standing.REFUSED})
"""What a retry does again. What came back needs another account first, and is retried by itself."""

WIDTH = 20
MOST_WIDTH = 200
"""How many payments a run has under way at once. Chek's wallets, not this, bound how many can move."""
