"""For whom a caller acts: a family or provider with a key of its own, or named by the header (S16)."""

from typing import Annotated, Any

from fastapi import Depends, Header

from api.auth import Asker
from api.party import HEADER
from domain.childcare_party import Party


async def acting_for(
    asker: Asker,
    given: Annotated[
        str | None,
        Header(
            alias=HEADER,
            max_length=60,
            description="The family (fam_…) or provider (prov_…) who asks: what is not its own is not found. "
            "Left out, the holder of the key asks.",
        ),
    ] = None,
) -> Party | None:
    """The family or provider of the key or the header; None for staff."""
    del given  # looked at with the key
    return asker.party


ActingFor = Annotated[Party | None, Depends(acting_for)]
READS_OWN: Any = Depends(acting_for)
"""For a route that shows a family or provider what is its own: the unit of work sees no more."""
