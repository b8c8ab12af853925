"""Column's request bodies: form-encoded, objects as ``name[part]``; values are checked one by one."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from sandbox.column.errors import ColumnError, invalid_parameter

Fields = Mapping[str, Any]
_NAME = re.compile(r"(\w+)((?:\[\w+\])*)", re.ASCII)


def parse_form(body: bytes, content_type: str) -> dict[str, Any]:
    """Nested dicts of text. Raises ColumnError for anything that is not a form."""
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/x-www-form-urlencoded" and body:
        raise ColumnError("invalid_request_error", "invalid_content_type", "Send the body form-encoded.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise ColumnError("invalid_request_error", "invalid_body", "The body is not a form.") from None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        _put(fields, name, value)
    return fields


def _put(fields: dict[str, Any], name: str, value: str) -> None:
    found = _NAME.fullmatch(name)
    if found is None:
        raise invalid_parameter("body", "has a name that cannot be read")
    *parents, last = [found[1], *re.findall(r"\[(\w+)\]", found[2])]
    place = fields
    for parent in parents:
        place = place.setdefault(parent, {})
        if not isinstance(place, dict):
            raise invalid_parameter(parent, "is given as text and as an object")
    if last in place:
        raise invalid_parameter(last, "is given twice")
    place[last] = value


def only(fields: Fields, *known: str) -> None:
    """Strict on purpose: a name that the contract does not have is a mistake worth seeing."""
    for name in fields:
        if name not in known:
            raise invalid_parameter(name, "is not a parameter of this call")


def text(fields: Fields, name: str, *, longest: int = 255, required: bool = True, pattern: str | None = None) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str) or not value.isprintable() or len(value) > longest:
        raise invalid_parameter(name, f"must be text of at most {longest} characters")
    if not value:
        if required:
            raise invalid_parameter(name, "is required")
        return ""
    if pattern is not None and not re.fullmatch(pattern, value, re.ASCII):
        raise invalid_parameter(name, "has a value that is not allowed")
    return value


def cents(fields: Fields, name: str) -> int:
    value = int(text(fields, name, pattern=r"\d{1,12}"))
    if value == 0:
        raise invalid_parameter(name, "must be positive")
    return value


def flag(fields: Fields, name: str) -> bool:
    return text(fields, name, required=False, pattern="true|false") == "true"


def group(fields: Fields, name: str) -> dict[str, Any] | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, dict):
        raise invalid_parameter(name, "must be an object")
    return value
