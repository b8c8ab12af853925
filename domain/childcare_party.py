"""In whose name something is asked: a family or a provider may change only what is its own (S16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self
from uuid import UUID

from domain.errors import InvalidInput, NotFound
from domain.ids import parse_public_id, public_id

_PREFIXES = {"family": "fam", "provider": "prov"}


@dataclass(frozen=True, slots=True)
class Party:
    """A family or a provider in whose name something is asked. None in its place is the organization's own staff."""

    kind: Literal["family", "provider"]
    id: UUID

    @classmethod
    def named(cls, text: str, *, field: str) -> Self:
        """The family ``fam_…`` or provider ``prov_…``. Raises InvalidInput for anything else."""
        if text.startswith("fam_"):
            return cls("family", parse_public_id("fam", text, field=field))
        if text.startswith("prov_"):
            return cls("provider", parse_public_id("prov", text, field=field))
        raise InvalidInput(field, "Must be the id of a family or a provider.", code="invalid_id")

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self | None:
        """From a row with `family_id` and `provider_id`, of which one at most says something."""
        if row["family_id"] is not None:
            return cls("family", row["family_id"])
        return None if row["provider_id"] is None else cls("provider", row["provider_id"])

    @property
    def public_id(self) -> str:
        """As the API names it."""
        return public_id(_PREFIXES[self.kind], self.id)


def require_own(party: Party | None, row: Mapping[Any, Any], noun: str) -> None:
    """What belongs to another family or provider is not found, as what belongs to another organization is not.

    `row` has `family_id` or `provider_id`; a party of a kind that the row does not name owns nothing of it.
    """
    if party is not None and row.get(f"{party.kind}_id") != party.id:
        raise NotFound(noun)
