"""What rails tell us, as it stands in the inbox, and what processing makes of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Received:
    """A verified message of a rail, ready to be stored.

    `event_id` is the rail's own and unique within the source. `subject` is the rail's id of what it speaks of,
    `reference` our own reference to it where the message carries one. The payload may hold secrets.
    `organization_id` is given where one organization told it, of its own money only.
    """

    source: str
    event_id: str
    kind: str
    subject: str
    payload: bytes = field(repr=False)
    reference: str | None = None
    organization_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class InboxEvent:
    """A stored message. `organization_id` is None until its subject is known."""

    id: UUID
    organization_id: UUID | None
    source: str
    event_id: str
    kind: str
    subject: str
    reference: str | None
    payload: bytes = field(repr=False)
    state: Literal["stored", "waiting", "processed", "ignored"]
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message: done, of no concern to us, or to be looked at again later. `note` is for operators.

    `told`: a case of its own tells a person of it already. `alert`: what is to be said aloud as soon as it stands.
    """

    kind: Literal["processed", "ignored", "wait"]
    note: str = ""
    told: bool = False
    alert: str = ""
