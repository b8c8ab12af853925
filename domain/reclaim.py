"""The life of a reclaim: unused money of a budget goes back from the family's wallet to the programme.

submitted ──► reclaiming ──► reclaimed
    ▲             ▼
    └──retry── stopped
submitted, reclaiming (not sent yet), stopped ──cancel──► cancelled
"""

from enum import StrEnum


class ReclaimState(StrEnum):
    """Where a reclaim is. Its amount is out of the budget from the start, and back in it once it is cancelled."""

    SUBMITTED = "submitted"
    RECLAIMING = "reclaiming"
    STOPPED = "stopped"
    RECLAIMED = "reclaimed"
    CANCELLED = "cancelled"


ENDED = frozenset({ReclaimState.RECLAIMED, ReclaimState.CANCELLED})
"""A reclaim that ended never changes again."""

OPEN = frozenset({ReclaimState.SUBMITTED, ReclaimState.RECLAIMING})
"""The money step is to be done; a stopped one waits for a person."""
