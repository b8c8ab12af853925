"""For whom a caller acts: a family or a provider may change only what is its own (S16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class Party:
    """A family or a provider in whose name something is asked. None in its place is the organization's own staff."""

    kind: Literal["family", "provider"]
    id: UUID


def require_own(party: Party | None, row: Mapping[Any, Any], noun: str) -> None:
    """What belongs to another family or provider is not found, as what belongs to another organization is not.

    `row` has `family_id` or `provider_id`; a party of a kind that the row does not name owns nothing of it.
    """
    if party is not None and row.get(f"{party.kind}_id") != party.id:
        raise NotFound(noun)
