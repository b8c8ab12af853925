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


class Statement(Protocol):
    """A partner that can be asked for what it has."""

    source: str

    @property
    def operations(self) -> Mapping[str, bool]:
        """The operations whose transfers are looked at; true where one may change long after it was made."""

    def listed(self, operation: str, since: datetime) -> AsyncIterator[Listed]:
        """What was made since then, newest first; nothing where the partner has no list. Raises EvidenceUnavailable."""

    async def read(self, operation: str, rail_id: str) -> Listed | None:
        """One transfer by the partner's id; None when the partner has none of that id. Raises EvidenceUnavailable."""
