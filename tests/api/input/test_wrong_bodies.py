"""Whatever is wrong with a request, the answer is a problem document that names the field and repeats nothing."""

import json
from typing import Any

import httpx
import pytest

from domain.ids import new_id
from tests.api.application import Application
from tests.api.input.wrong import MARKER, Wrong, wrong_bodies
from tests.api.routes import POSTS, WITH_BODY, WITH_KEY, Route
from tests.api.well_formed import JSON, well_formed

pytestmark = pytest.mark.asyncio(loop_scope="module")
every_body = pytest.mark.parametrize("route", WITH_BODY, ids=str)


def problem(answer: httpx.Response, what: object) -> dict[str, Any]:
    """The answer as the problem document that it must be."""
    assert 400 <= answer.status_code < 500, f"{what}: {answer.status_code} {answer.text}"
    assert answer.headers["Content-Type"] == "application/problem+json", what
    document = dict(answer.json())
    assert document["status"] == answer.status_code
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert all(document[name] for name in ("type", "title", "detail", "code", "next_step")), what
    assert MARKER not in answer.text, what
    return document


async def send(application: Application, route: Route, content: bytes, **headers: str) -> httpx.Response:
    told = JSON | {"Idempotency-Key": new_id().hex} | headers
    path, _ = await well_formed(application.ada.client, route)
    return await application.ada.client.request(route.method, path, content=content, headers=told)


async def whole_body(application: Application, route: Route) -> Any:
    _, body = await well_formed(application.ada.client, route)
    return body


def names(document: dict[str, Any]) -> set[str]:
    return {document.get("field", "")} | {item["field"] for item in document.get("fields", ())}


def as_json(wrong: Wrong) -> bytes:
    return json.dumps(wrong.body).encode()


@every_body
async def test_a_wrong_value_is_named(application: Application, route: Route) -> None:
    assert route.body is not None
    missed = []
    for wrong in wrong_bodies(route.body, await whole_body(application, route)):
        answer = await send(application, route, as_json(wrong))
        document = problem(answer, wrong.what)
        found = names(document)
        if answer.status_code != 422 or not any(name.startswith(wrong.pointer) for name in found):
            missed.append((wrong.what, answer.status_code, document["code"], sorted(found)))
    assert missed == []


@every_body
async def test_a_body_that_cannot_be_read_is_refused_as_a_whole(application: Application, route: Route) -> None:
    whole = json.dumps(await whole_body(application, route)).encode()
    bodies = {
        "not JSON": (b"{" + MARKER.encode(), "invalid_json"),
        "NaN": (b'{"a": NaN}', "invalid_json"),
        "a key twice": (b'{"a": 1, "a": 2}', "invalid_json"),
        "a key twice, deep": (b'{"a": [{"b": 1, "b": 2}]}', "invalid_json"),
        "not UTF-8": (whole[:-1] + b"\xff}", "invalid_utf8"),
        "UTF-16": (whole.decode().encode("utf-16"), "invalid_utf8"),
        "a mark of byte order": (b"\xef\xbb\xbf" + whole, "invalid_json"),
    }
    for what, (body, code) in bodies.items():
        answer = await send(application, route, body)
        assert (answer.status_code, problem(answer, what)["code"]) == (400, code), what


@every_body
async def test_no_depth_of_nesting_breaks_anything(application: Application, route: Route) -> None:
    for depth in (900, 100_000):
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            body = b'{"a": ' + opening * depth + b"1" + closing * depth + b"}"
            problem(await send(application, route, body), depth)


@every_body
async def test_only_json_is_taken(application: Application, route: Route) -> None:
    whole = json.dumps(await whole_body(application, route)).encode()
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""):
        answer = await send(application, route, whole, **{"Content-Type": media_type})
        assert (answer.status_code, problem(answer, media_type)["code"]) == (415, "unsupported_media_type"), media_type
    empty = await send(application, route, b"")
    assert names(problem(empty, "no body")) == {""}


@pytest.mark.parametrize("route", POSTS, ids=str)
async def test_a_body_over_the_limit_is_refused(application: Application, route: Route) -> None:
    settings = application.settings
    limit = settings.receipts.limit_bytes if route.takes_file else settings.api.body_limit_bytes
    body = b'{"a": "' + b"a" * limit + b'"}'
    answer = await send(application, route, body)
    assert (answer.status_code, problem(answer, "too large")["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("route", WITH_KEY, ids=str)
async def test_an_idempotency_key_is_needed_and_is_for_one_request(application: Application, route: Route) -> None:
    path, whole = await well_formed(application.ada.client, route)
    body: dict[str, Any] = {} if whole is None else {"content": json.dumps(whole).encode(), "headers": JSON}
    without = problem(await application.ada.client.request(route.method, path, **body), "no key")
    assert (without["status"], without["code"], without["field"]) == (400, "idempotency_key_missing", "Idempotency-Key")
    for key in ("", "a b", "a" * 256, "k\xe9y"):
        headers = [(b"Idempotency-Key", key.encode("latin-1"))] + [(k.encode(), v.encode()) for k, v in JSON.items()]
        refused = await application.ada.client.request(route.method, path, content=body.get("content"), headers=headers)
        assert problem(refused, key)["field"] == "Idempotency-Key"
    key = new_id().hex
    await application.rows(
        "insert into idempotency_key (organization_id, key, path, request_hmac, status, response, expires_at)"
        " values ($1, $2, 'POST /elsewhere', 'another', 200, '{}', clock_timestamp() + interval '1 hour')",
        application.ada.organization_id,
        key,
    )
    reused = await send(application, route, body.get("content", b""), **{"Idempotency-Key": key})
    document = problem(reused, "reused")
    assert (document["status"], document["code"]) == (422, "idempotency_key_reused"), document


KEYLESS = {
    "POST /v1/money-calls/{money_call_id}/confirm": "a call is settled once, whoever confirms how often",
    "POST /v1/reports/{report_id}/wire-confirm": "a wire is settled once, whoever confirms how often",
    "POST /v1/sandbox/clock/advance": "each call moves the clock, and only in the sandbox",
    "POST /v1/webhooks/{source}": "the rail's own event id tells repeats apart",
}


async def test_only_what_explains_itself_does_without_an_idempotency_key() -> None:
    assert {str(route) for route in POSTS if not route.needs_key} == set(KEYLESS)


@pytest.mark.parametrize("route", POSTS, ids=str)
async def test_nobody_gets_in_without_a_key(application: Application, route: Route) -> None:
    answer = await application.browser().request(route.method, route.address(), headers=JSON, content=b"{}")
    document = problem(answer, "no key")
    assert document["status"] in (401, 404)
