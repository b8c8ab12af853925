"""Chek's JSON bodies, checked strictly: an amount is an int of cents, never text and never a float."""

import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox.chek.errors import ChekError, invalid

LARGEST_ID = 10**15
Fields = Mapping[str, Any]


def parse(body: bytes, content_type: str) -> dict[str, Any]:
    """Raises ChekError unless the body is one JSON object."""
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/json":
        raise ChekError(415, "unsupported_media_type", "Unsupported media type.")
    try:
        fields = json.loads(body)
    except ValueError:
        raise ChekError(400, "parse_error", "JSON parse error.") from None
    if not isinstance(fields, dict):
        raise ChekError(400, "parse_error", "Expected an object.")
    return fields


def only(fields: Fields, *known: str) -> None:
    """Strict on purpose: a name that the contract does not have is a mistake worth seeing."""
    for name in fields:
        if name not in known:
            raise invalid(name[:40], "Unknown field.")


def cents(fields: Fields, *, zero_allowed: bool = False) -> int:
    amount = fields.get("amount")
    if type(amount) is not int or amount < (0 if zero_allowed else 1) or amount > 10**11:
        raise invalid("amount", "A positive integer of cents is required.")
    return amount


def number(fields: Fields, name: str) -> int:
    value = fields.get(name)
    if type(value) is not int or not 0 <= value <= LARGEST_ID:
        raise invalid(name, "A valid integer is required.")
    return value


def text(fields: Fields, name: str, *, longest: int = 255, required: bool = True, pattern: str | None = None) -> str:
    value = fields.get(name, "" if not required else None)
    if not isinstance(value, str) or len(value) > longest or not value.isprintable() or (required and not value):
        raise invalid(name, "Not a valid string.")
    if value and pattern is not None and not re.fullmatch(pattern, value, re.ASCII):
        raise invalid(name, "Not a valid value.")
    return value


def choice(fields: Fields, name: str, *values: str) -> str:
    value = fields.get(name)
    if value not in values:
        raise invalid(name, f"Must be one of {', '.join(values)}.")
    return str(value)
