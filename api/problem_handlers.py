"""Turn every exception of a request into a problem document; nothing that the caller sent is repeated in it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.auth import LOOKING, audit_denial
from api.context import context_of
from api.json_body import INVALID_JSON, INVALID_UTF8
from api.problems import FieldProblem, problem, problem_of
from domain.errors import BursarError, PermissionDenied

_LONGEST_POINTER = 200
_MOST_FIELDS = 50
_UNREADABLE = frozenset({INVALID_JSON, INVALID_UTF8})

# What the frameworks refuse by themselves: code and sentence by status.
_REFUSALS: dict[int, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("malformed_request", "The request could not be read."),
    HTTPStatus.NOT_FOUND: ("no_such_route", "There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "This address does not answer to that method."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("body_too_large", "The request body is larger than the limit."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("unsupported_media_type", "Send the body as application/json."),
}

# Sentences of the validator that would repeat what was sent, in our own words.
_OWN_WORDS = {
    "missing": "This is required.",
    "extra_forbidden": "There is no such field.",
    "union_tag_invalid": "Not one of the kinds that are offered.",
}


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every refusal of this application with a problem document."""
    app.add_exception_handler(BursarError, _bursar_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


async def _bursar_error(request: Request, error: Exception) -> Response:
    refused = cast("BursarError", error)
    if isinstance(refused, PermissionDenied) or request.method not in LOOKING:
        await audit_denial(request, context_of(request), refused)
    return problem_of(request, refused)


async def _http_error(request: Request, error: Exception) -> Response:
    return http_problem(request, cast("HTTPException", error))


def http_problem(request: Request, refused: HTTPException) -> Response:
    """The document of a refusal that the framework (or the body limit) makes by itself."""
    code, detail = _REFUSALS.get(refused.status_code, ("refused", HTTPStatus(refused.status_code).phrase + "."))
    return problem(request, refused.status_code, code, detail, headers=refused.headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    found: Sequence[Any] = cast("RequestValidationError", error).errors()
    fields = [_field_problem(item) for item in found[:_MOST_FIELDS]]
    unreadable = fields[0].code if fields[0].code in _UNREADABLE else None
    return problem(
        request,
        HTTPStatus.BAD_REQUEST if unreadable else HTTPStatus.UNPROCESSABLE_ENTITY,
        unreadable or "invalid_input",
        fields[0].message if unreadable else f"{fields[0].field or 'The body'}: {fields[0].message}",
        field=fields[0].field,
        fields=fields,
    )


def _field_problem(item: dict[str, Any]) -> FieldProblem:
    where, *path = item["loc"]
    name = _pointer(path) if where == "body" else "".join(map(str, path[:1]))
    message = _OWN_WORDS.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")
    return FieldProblem(field=name[:_LONGEST_POINTER], where=where, code=item["type"], message=message)


def _pointer(path: Sequence[object]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
