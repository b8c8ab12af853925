"""What a partner's own list shows of a transfer, as it stands: news for the inbox where nobody told us of it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.inbox import Received


@dataclass(frozen=True, slots=True)
class Listed:
    """One transfer. `received` is what a webhook would have told, under an id made of the transfer and its state.

    `amount` in minor units; `stage` is the partner's own word for how far it is, and `follows` whether anything follows
    from it; `shown` is what a case may show.
    """

    received: Received
    made_at: datetime
    amount: int
    currency: str
    stage: str | None
    follows: bool
    shown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Debit:
    """Money that left us at a partner by a way that no request of ours takes: by hand, or by somebody else.

    `names` are the partner's ids of it, `text` what whoever made it wrote, `amount` in minor units; `rail` is the one
    whose money calls it may be of.
    """

    source: str
    rail: str
    id: str
    names: frozenset[str]
    text: str
    amount: int
    currency: str
    made_at: datetime
    shown: Mapping[str, Any]


class Statement(Protocol):
    """A partner that can be asked for what it has."""

    source: str

    @property
    def operations(self) -> Mapping[str, bool]:
        """The operations whose transfers are looked at; true where one may change long after it was made."""

    def listed(self, operation: str, since: datetime) -> AsyncIterator[Listed]:
        """What was made since then, newest first; nothing where the partner has no list. Raises EvidenceUnavailable."""

    def debits(self, since: datetime) -> AsyncIterator[Debit]:
        """What left us since then by other ways than our requests take. Raises EvidenceUnavailable."""

    async def names_of(self, rail_id: str) -> frozenset[str]:
        """Under which ids the debits show what we know by this id of the partner's. Raises EvidenceUnavailable."""

    async def read(self, operation: str, rail_id: str) -> Listed | None:
        """One transfer by the partner's id; None when the partner has none of that id. Raises EvidenceUnavailable."""
