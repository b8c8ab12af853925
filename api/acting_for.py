"""For whom a caller acts: the header with which a caller's own service passes on whose request it is (S16)."""

from typing import Annotated

from fastapi import Depends, Header

from domain.childcare_party import Party
from domain.errors import InvalidInput
from domain.ids import parse_public_id

NAME = "Bursar-Acting-For"


def acting_for(
    given: Annotated[
        str | None,
        Header(
            alias=NAME,
            max_length=60,
            description="The family (fam_…) or provider (prov_…) who asks: what is not its own is not found. "
            "Left out, the organization's staff asks.",
        ),
    ] = None,
) -> Party | None:
    """The family or provider of the header; None for staff."""
    if given is None:
        return None
    if given.startswith("fam_"):
        return Party("family", parse_public_id("fam", given, field=NAME))
    if given.startswith("prov_"):
        return Party("provider", parse_public_id("prov", given, field=NAME))
    raise InvalidInput(NAME, "Must be the id of a family or a provider.", code="invalid_id")


ActingFor = Annotated[Party | None, Depends(acting_for)]
