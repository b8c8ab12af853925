"""A body that a schema describes: every field filled, the same each time."""

from functools import cache
from random import Random
from typing import Any

from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from tests.api.routes import SCHEMAS

FORMATS = {
    "date": "2026-11-20",
    "date-time": "2026-11-20T12:00:00Z",
    "email": "ada@example.test",
    "uuid": "0193b2f0-a4c8-7d2f-9f0e-6a1b2c3d4e5f",
    "time": "12:00:00",
}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind references and `or null`; of several kinds the first."""
    while True:
        if "$ref" in schema:
            schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema or "oneOf" in schema:
            kinds = schema.get("anyOf") or schema["oneOf"]
            chosen = next(kind for kind in kinds if kind.get("type") != "null")
            # what is said beside the kinds holds for each of them
            schema = {**{key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}, **chosen}
        elif "allOf" in schema:
            schema = schema["allOf"][0]
        else:
            return schema


def nullable(schema: dict[str, Any]) -> bool:
    """Whether null is one of the kinds."""
    return any(kind.get("type") == "null" for kind in schema.get("anyOf", ()))


def example(schema: dict[str, Any]) -> Any:
    """A value that the schema allows."""
    given = [value for value in schema.get("examples", ()) if value is not None]
    schema = resolved(schema)
    given += [value for value in schema.get("examples", ()) if value is not None]
    if given:
        return given[0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {}).items()
            return {name: example(inner) for name, inner in fields if not _left_out(inner)}
        case "array":
            return [example(schema.get("items", {}))]
        case "integer":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "string":
            return _text(schema.get("format"), schema.get("pattern"), schema.get("minLength", 1))
    raise AssertionError(f"no example of {schema}: give the field one")


def _left_out(schema: dict[str, Any]) -> bool:
    """Whether the only example is to leave the field out, because another one says it."""
    return schema.get("examples") == [None]


@cache
def _text(format_: str | None, pattern: str | None, least: int) -> str:
    if format_ in FORMATS:
        return FORMATS[format_]
    if pattern is not None:
        texts = st.from_regex(pattern, fullmatch=True)
        return find(texts, lambda text: len(text) >= least, settings=_QUICK, random=Random(0))
    return "a" * max(least, 1)


_QUICK = settings(max_examples=50, database=None, deadline=None, phases=[Phase.generate])
