"""Routes whose JSON bodies are read strictly, so that nothing reaches a service that the database cannot keep.

The framework's own reading lets pass what bites later: repeated keys (which one counts?), NaN, lone surrogates and NUL
characters, bodies that are not UTF-8.
"""

import json
from collections.abc import Callable, Coroutine, Iterator
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

_JSON = "application/json"
INVALID_JSON = "invalid_json"
INVALID_UTF8 = "invalid_utf8"


class StrictRequest(Request):
    """A request whose JSON is read once, strictly."""

    async def json(self) -> Any:
        """The body's value. RequestValidationError names what is at fault by its place in the body."""
        if not hasattr(self, "_strict_json"):
            self._strict_json = await self._read()
        return self._strict_json

    async def _read(self) -> Any:
        try:
            text = (await self.body()).decode("utf-8")
        except UnicodeDecodeError:
            raise _refusal(INVALID_UTF8, "The body is not valid UTF-8.") from None
        try:
            value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            # never with its cause: the decoder's error holds the whole text
            raise _refusal(INVALID_JSON, "The body is not valid JSON.") from None
        if unstorable := list(_unstorable(value, ())):
            raise RequestValidationError(
                [_error("invalid_text", "Must not hold NUL or half a character.", path) for path in unstorable]
            )
        return value


class StrictRoute(APIRoute):
    """A route that takes JSON and nothing else, and of query parameters those that it has, without NUL.

    A filter that is misspelt would else show all there is.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the request strictly, then go on as usual."""
        handle = super().get_route_handler()
        takes_body = self.body_field is not None
        parameters = get_flat_params(self.dependant)
        known = {parameter.alias for parameter in parameters if isinstance(parameter.field_info, Query)}

        async def strictly(request: Request) -> Response:
            media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if takes_body and media_type != _JSON and _has_body(request):
                raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            for name, value in request.query_params.multi_items():
                if name not in known:
                    raise _wrong_parameter(name, "unknown_parameter", "There is no such parameter here.")
                if "\0" in value:
                    raise _wrong_parameter(name, "invalid_text", "Must not hold NUL.")
            strict = StrictRequest(request.scope, request.receive)
            if takes_body and _has_body(request):
                # read here: what fails while the framework reads it would be answered without a word of why
                await strict.json()
            return await handle(strict)

        return strictly


def _has_body(request: Request) -> bool:
    return request.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in request.headers


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    together = dict(pairs)
    if len(together) != len(pairs):
        raise ValueError("a key is repeated")
    return together


def _no_constant(_name: str) -> None:
    raise ValueError("not a JSON number")


def _unstorable(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Where there is text that PostgreSQL cannot hold."""
    if isinstance(value, str):
        if not _storable(value):
            yield path
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unstorable(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if _storable(key):
                yield from _unstorable(item, (*path, key))
            else:
                yield path


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _wrong_parameter(name: str, code: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"type": code, "loc": ("query", name), "msg": message}])


def _refusal(code: str, message: str) -> RequestValidationError:
    return RequestValidationError([_error(code, message, ())])


def _error(code: str, message: str, path: tuple[str | int, ...]) -> dict[str, Any]:
    return {"type": code, "loc": ("body", *path), "msg": message}
