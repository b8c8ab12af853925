"""Errors as problem documents (RFC 9457). The only place that knows which error means which HTTP status."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from domain.errors import (
    AccountClosed,
    BursarError,
    Conflict,
    HoldAlreadyResolved,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    InsufficientFunds,
    InvalidInput,
    LimitExceeded,
    MoneyCallError,
    NotFound,
    PermissionDenied,
    RateLimited,
    RequestStillRunning,
    Retry,
    Unauthenticated,
    Unavailable,
    WhoMustAct,
)

MEDIA_TYPE = "application/problem+json"

# The first class that fits decides, so narrower ones stand above wider ones. What is not here is our own fault: 500.
_STATUS: tuple[tuple[type[BursarError], HTTPStatus], ...] = (
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (PermissionDenied, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (IdempotencyKeyMissing, HTTPStatus.BAD_REQUEST),
    (InvalidInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (LimitExceeded, HTTPStatus.UNPROCESSABLE_ENTITY),
    (IdempotencyKeyReused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Conflict, HTTPStatus.CONFLICT),
    (InsufficientFunds, HTTPStatus.CONFLICT),
    (HoldAlreadyResolved, HTTPStatus.CONFLICT),
    (AccountClosed, HTTPStatus.CONFLICT),
    (MoneyCallError, HTTPStatus.CONFLICT),
    (RateLimited, HTTPStatus.TOO_MANY_REQUESTS),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)

_NEXT_STEP: dict[tuple[WhoMustAct, Retry], str] = {
    ("caller", "after_change"): "Change the request as described and send it again.",
    ("caller", "never"): "Do not send this again.",
    ("caller", "later"): "Send the same request again later, with the same Idempotency-Key.",
    ("operator", "after_change"): "An operator must act first; then send it again.",
    ("operator", "never"): "Tell the operators, with the request id.",
    ("operator", "later"): "Send the same request again later; should it stay so, an operator must act.",
    ("payee", "after_change"): "The payee must correct the bank details first.",
    ("nobody", "later"): "Send the same request again later, with the same Idempotency-Key.",
    ("nobody", "never"): "Nothing needs to be done.",
}


class FieldProblem(BaseModel):
    """One value at fault."""

    field: str = Field(description="JSON pointer into the body, or the name of a parameter or header")
    where: Literal["body", "query", "path", "header", "cookie"]
    code: str
    message: str


class Problem(BaseModel):
    """What went wrong, in a form for programs and one for people."""

    type: str = Field(description="URI of the kind of problem", examples=["urn:bursar:problem:insufficient_funds"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["The account does not hold enough available money."])
    code: str = Field(description="stable, for programs", examples=["insufficient_funds"])
    field: str | None = Field(default=None, description="the first value at fault", examples=[None])
    fields: list[FieldProblem] | None = Field(default=None, description="every value at fault", examples=[None])
    request_id: str = Field(examples=["req_0193bd4d7c2a7000800000000000000a"])
    retry: Retry = Field(description="whether sending it again can help", examples=["after_change"])
    who_must_act: WhoMustAct = Field(examples=["operator"])
    next_step: str = Field(examples=["An operator must act first; then send it again."])


class ProblemResponse(JSONResponse):
    """A problem document on its way out."""

    media_type = MEDIA_TYPE


def request_id_of(request: Request) -> str:
    """The id under which this request stands in answers, logs and audit rows."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    retry: Retry = "after_change",
    who_must_act: WhoMustAct = "caller",
    *,
    field: str | None = None,
    fields: Sequence[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """Build the document. `detail` must hold nothing that the caller sent."""
    document = Problem(
        type=f"urn:bursar:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        field=field,
        fields=list(fields) if fields else None,
        request_id=request_id_of(request),
        retry=retry,
        who_must_act=who_must_act,
        next_step=_NEXT_STEP.get((who_must_act, retry), "Ask the operators, with the request id."),
    )
    return ProblemResponse(document.model_dump(exclude_none=True), status_code=status, headers=headers)


def status_of(error: BursarError) -> HTTPStatus:
    """The HTTP status that an error means."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_of(request: Request, error: BursarError) -> ProblemResponse:
    """The document of one of our own errors. Of an internal one only the request id is told."""
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal_problem(request)
    return problem(
        request,
        status,
        error.code,
        error.message,
        error.retry,
        error.who_must_act,
        field=_named(request, error.field),
        headers=_headers(error),
    )


def _named(request: Request, field: str | None) -> str | None:
    """The field at fault: of a body as a JSON pointer, else the name of a parameter or header."""
    route = request.scope.get("route")
    if field is None or field.startswith("/") or not isinstance(route, APIRoute) or route.body_field is None:
        return field
    parameters = {item.alias for item in get_flat_params(route.dependant)}
    return field if field in parameters else f"/{field}"


def internal_problem(request: Request) -> ProblemResponse:
    """What a caller learns of our own faults."""
    return problem(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong on our side.",
        "never",
        "operator",
    )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route under /v1 in OpenAPI: these problems besides those that every such route has."""
    return documented_alone(401, 403, 422, 429, 503, *statuses)


def documented_alone(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route in OpenAPI: these problems and no others."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted(set(statuses))
    }


def _headers(error: BursarError) -> dict[str, str]:
    if isinstance(error, Unavailable):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, RequestStillRunning):
        return {"Retry-After": "1"}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {}
