"""Make a request's model take JSON's kinds as they are, and no text without an end.

The validator by itself reads ``"5"`` and ``5.0`` as 5, ``1`` as true, 86400 and ``"86400"`` as a date. Its strict mode
is no help for whole models: it refuses dates and choices in strings, which is how JSON has them.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

LONGEST_TEXT = 2000
"""Characters of a text whose field sets no bound of its own."""

_AS_THEY_ARE = frozenset({"int", "bool"})
# RFC 3339, as far as telling a date from a number; the validator itself reads the rest
_IN_STRINGS = {"date": re.compile(r"\d{4}-\d{2}-\d{2}"), "datetime": re.compile(r"\d{4}-\d{2}-\d{2}[Tt ].+")}


def make_strict(schema: CoreSchema) -> CoreSchema:
    """The same schema, changed in place; what it refers to elsewhere is made strict where it stands."""
    for node in list(_nodes(schema)):
        kind = node["type"]
        if kind in _AS_THEY_ARE:
            node["strict"] = True
        elif kind == "str":
            node.setdefault("max_length", LONGEST_TEXT)
        elif kind in _IN_STRINGS:
            inner: Any = dict(node)
            node.clear()
            node.update(core_schema.no_info_before_validator_function(partial(_only_text, kind), inner))
    return schema


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("type"), str):
            yield part
        for inner in part.values():
            yield from _nodes(inner)
    elif isinstance(part, (list, tuple)):
        for inner in part:
            yield from _nodes(inner)


def _only_text(kind: str, given: Any) -> Any:
    if not isinstance(given, str) or not _IN_STRINGS[kind].fullmatch(given):
        raise PydanticCustomError(f"{kind}_format", f"Must be a {kind} in a string, as RFC 3339 writes it.")
    return given
