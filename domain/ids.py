"""Ids: UUIDv7 inside, ``<prefix>_<32 hex digits>`` outside (RFC 9562; they sort by the time they were made)."""

import re
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.errors import InvalidInput

_PREFIX = re.compile(r"[a-z][a-z0-9]{1,9}")
_HEX = re.compile(r"[0-9a-f]{32}")


def new_id() -> UUID:
    """A new UUIDv7. Workflows use `workflow.uuid7()` instead, which replays."""
    return uuid7()


def public_id(prefix: str, value: UUID) -> str:
    """The id as the API shows it, for example ``pay_0193…``. The prefix tells the noun."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("an id's prefix is 2 to 10 lower-case letters or digits")
    return f"{prefix}_{value.hex}"


def parse_public_id(prefix: str, text: str, *, field: str) -> UUID:
    """Read an id of one noun; raise InvalidInput naming the field for anything else, another noun's id included.

    Only the exact form that `public_id` makes is read, so that an object has one name.
    """
    head, separator, tail = text.partition("_")
    if head != prefix or not separator or not _HEX.fullmatch(tail):
        raise InvalidInput(field, f"Must be an id that starts with {prefix}_.", code="malformed_id")
    return UUID(hex=tail)
