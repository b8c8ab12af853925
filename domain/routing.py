"""ABA routing numbers: nine digits, an assigned prefix and a check digit (weights 3, 7, 1)."""

import re

from domain.errors import InvalidInput

_NINE_DIGITS = re.compile(r"[0-9]{9}")
_ASSIGNED_PREFIXES = frozenset((*range(1, 13), *range(21, 33), *range(61, 73)))


def is_routing_number(text: str) -> bool:
    """Whether the text is a routing number that can have been assigned. All zeros pass the sum but name no bank."""
    if not _NINE_DIGITS.fullmatch(text) or text == "000000000":
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(text, (3, 7, 1) * 3, strict=True))
    return weighted % 10 == 0 and int(text[:2]) in _ASSIGNED_PREFIXES


def require_routing_number(text: str, *, field: str) -> str:
    """The same text when it is a routing number, else InvalidInput naming the field."""
    if not is_routing_number(text):
        raise InvalidInput(field, "Not a valid ABA routing number.", code="invalid_routing_number")
    return text
