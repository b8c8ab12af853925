"""Bodies with one thing wrong, and the name of what is wrong: for any schema."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.api.example import nullable, resolved

MARKER = "marker-that-nobody-repeats"
OF_ANOTHER_KIND: dict[str, list[Any]] = {
    # floats, also those that are whole, digits in a string, and truth values are no amounts
    "integer": [1.5, 10000.0, "1", True, []],
    # 86400 is a day to some readers of dates
    "string": [86400, True, ["a"]],
    "boolean": ["true", 1],
    "array": [MARKER, {"0": "a"}],
    "object": [MARKER, []],
}
HUGE = 10**30


@dataclass(frozen=True)
class Wrong:
    """A body, what is wrong with it, and the pointer that the answer must name."""

    what: str
    body: Any
    pointer: str


def wrong_bodies(schema: dict[str, Any], whole: Any) -> Iterator[Wrong]:
    """Each field of another kind, missing, null, too long, too large, below zero, with NUL; and one too many.

    `whole` is a body with nothing wrong.
    """
    for path, inner in _places(schema, ()):
        yield from _at(whole, path, inner)
    anything: tuple[Any, ...] = (MARKER, 5, [])
    # null is no body at all, which some routes take
    for value in anything if nullable(schema) else (*anything, None):
        yield Wrong(f"{value!r} as body", value, "")


def _places(schema: dict[str, Any], path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    kind = resolved(schema)
    yield path, schema
    for name, inner in kind.get("properties", {}).items():
        yield from _places(inner, (*path, name))
    if kind.get("type") == "array" and "items" in kind:
        yield from _places(kind["items"], (*path, 0))


def _at(whole: Any, path: tuple[Any, ...], schema: dict[str, Any]) -> Iterator[Wrong]:
    kind = resolved(schema)
    pointer = "".join(f"/{part}" for part in path)

    def put(value: Any, what: str) -> Wrong:
        return Wrong(f"{what} at {pointer}", _put(whole, path, value), pointer)

    if path:
        for value in OF_ANOTHER_KIND.get(kind.get("type", ""), ()):
            yield put(value, repr(value))
        if not nullable(schema) and kind.get("type") is not None:
            yield put(None, "null")
    if kind.get("format") in ("date", "date-time"):
        yield put("86400", "seconds as a date")
        yield put("2026-02-30", "a day that is none")
    if kind.get("type") == "string":
        yield put("a\0b", "NUL")
        yield put("\ud800", "half a character")
        yield put(MARKER * 5000, "130,000 characters")
    if kind.get("type") == "integer":
        yield put(HUGE, "a huge number")
        yield put(-HUGE, "a huge number below zero")
        if kind.get("minimum", kind.get("exclusiveMinimum", -1)) >= 0:
            yield put(-1, "-1")
    if kind.get("properties") and kind.get("additionalProperties") is False:
        body = _put(whole, (*path, "surprise"), MARKER)
        yield Wrong(f"an unknown field in {pointer or 'the body'}", body, f"{pointer}/surprise")
        for name in kind.get("required", ()):
            yield Wrong(f"{name} missing", _without(whole, (*path, name)), f"{pointer}/{name}")


def _put(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(whole)
    place = changed
    for part in path[:-1]:
        place = place[part]
    if not path:
        return value
    place[path[-1]] = value
    return changed


def _without(whole: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(whole)
    place = changed
    for part in path[:-1]:
        place = place[part]
    del place[path[-1]]
    return changed
