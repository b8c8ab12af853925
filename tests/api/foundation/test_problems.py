"""Every refusal is a problem document that names the field, says what to do, and repeats nothing that was sent."""

from typing import Any

from api.problems import MEDIA_TYPE, status_of
from domain import errors
from domain.errors import BursarError, RateLimited, Unavailable

from .conftest import Api

SECRET = "4111000011112222"
GOOD: dict[str, Any] = {"amount": 15000, "currency": "USD"}


def assert_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"urn:bursar:problem:{code}"
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert document["detail"]
    assert document["next_step"]
    assert SECRET not in answer.text
    return document


async def post(api: Api, body: Any = None, **options: Any) -> Any:
    headers = {"Idempotency-Key": "k"} | options.pop("headers", {})
    if isinstance(body, bytes):
        return await api.client.post("/v1/things", content=body, headers=headers | {"Content-Type": "application/json"})
    return await api.client.post("/v1/things", json=body, headers=headers, **options)


async def test_a_wrong_value_is_named_by_its_place_in_the_body(api, subtests):
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"amount": "15000"}, "/amount", "int_type"),
        ({"amount": 150.5}, "/amount", "int_type"),
        ({"amount": 150.0}, "/amount", "int_type"),
        ({"amount": True}, "/amount", "int_type"),
        ({"amount": None}, "/amount", "int_type"),
        ({"amount": [SECRET]}, "/amount", "int_type"),
        ({"amount": 0}, "/amount", "greater_than"),
        ({"amount": -1}, "/amount", "greater_than"),
        ({"amount": 10**30}, "/amount", "less_than_equal"),
        ({"currency": "usd"}, "/currency", "string_pattern_mismatch"),
        ({"currency": "ZZZ"}, "/currency", "value_error"),
        ({"currency": SECRET}, "/currency", "string_too_long"),
        ({"note": "line\nbreak"}, "/note", "value_error"),
        ({"note": "nul\0"}, "/note", "invalid_text"),
        ({"note": "x" * 201}, "/note", "string_too_long"),
        ({"account_number": SECRET}, "/account_number", "extra_forbidden"),
        ({"a/b~c": 1}, "/a~1b~0c", "extra_forbidden"),
    ]
    for change, field, code in cases:
        with subtests.test(repr(change)):
            document = assert_problem(await post(api, GOOD | change), 422, "invalid_input")
            assert document["field"] == field
            assert document["fields"][0]["field"] == field
            assert (document["fields"][0]["where"], document["fields"][0]["code"]) == ("body", code)
            assert (document["retry"], document["who_must_act"]) == ("after_change", "caller")
            assert await api.things() == 0


async def test_every_wrong_value_is_named_at_once(api):
    document = assert_problem(await post(api, {"amount": -1, "extra": SECRET}), 422, "invalid_input")
    assert {item["field"] for item in document["fields"]} == {"/amount", "/currency", "/extra"}


async def test_a_body_that_is_no_object_is_refused(api, subtests):
    for body in [[], "text", 7, None, [GOOD]]:
        with subtests.test(repr(body)):
            assert_problem(await post(api, body), 422, "invalid_input")


async def test_what_is_no_json_is_refused(api, subtests):
    for body in [
        b"{",
        b"nonsense " + SECRET.encode(),
        b'{"amount": NaN, "currency": "USD"}',
        b'{"amount": Infinity}',
        b'{"amount": 1, "amount": 2, "currency": "USD"}',
        b'{"amount": ' + b"1" * 1500 + b"e}",
        b"[" * 1900,
        b'{"amount": 1}garbage',
        b"\xef\xbb\xbf{}",
    ]:
        with subtests.test(repr(body)):
            answer = await post(api, body)
            assert_problem(answer, 400, "invalid_json")


async def test_bytes_that_are_no_utf8_are_refused(api):
    document = assert_problem(await post(api, b'{"note": "\xff"}'), 400, "invalid_utf8")
    assert document["fields"][0]["where"] == "body"


async def test_text_that_no_database_holds_is_refused_with_its_field(api, subtests):
    for note in [b"\\u0000", b"\\ud800", b"\\udc00\\ud800"]:
        with subtests.test(repr(note)):
            answer = await post(api, b'{"amount": 1, "currency": "USD", "note": "' + note + b'"}')
            document = assert_problem(answer, 422, "invalid_input")
            assert (document["field"], document["fields"][0]["code"]) == ("/note", "invalid_text")


async def test_a_surrogate_pair_is_a_character(api):
    answer = await post(api, b'{"amount": 1, "currency": "USD", "note": "\\ud83d\\ude00"}')
    assert answer.status_code == 201


async def test_another_media_type_is_refused(api):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await api.client.post(
            "/v1/things", content=b"amount=1", headers={"Idempotency-Key": "k", "Content-Type": content_type}
        )
        assert_problem(answer, 415, "unsupported_media_type")


async def test_addresses_and_methods_that_do_not_exist(api):
    assert_problem(await api.client.get("/v1/nothing"), 404, "no_such_route")
    assert_problem(await api.client.get("/v1/things/"), 404, "no_such_route")
    answer = await api.client.delete("/v1/things")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"]


async def test_a_wrong_parameter_is_named(api, subtests):
    for query, field in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("kind=%00", "kind"),
        ("kind=xxxxxxxxxxxxxxxxxxxxx", "kind"),
    ]:
        with subtests.test(repr(query)):
            document = assert_problem(await api.client.get(f"/v1/things?{query}"), 422, "invalid_input")
            assert (document["field"], document["fields"][0]["where"]) == (field, "query")


async def test_each_of_our_errors_has_its_status(api, subtests):
    for error, status, code in [
        (errors.NotFound("payout"), 404, "not_found"),
        (errors.InvalidInput("/amount", "Must be even."), 422, "invalid_input"),
        (errors.LimitExceeded("Over the day's limit."), 422, "limit_exceeded"),
        (errors.StateConflict("already_reversed", "It was reversed before."), 409, "already_reversed"),
        (errors.InsufficientFunds(), 409, "insufficient_funds"),
        (errors.AccountClosed(), 409, "account_closed"),
        (errors.ContradictionOpen(), 409, "contradiction_open"),
        (errors.Unavailable("Temporal is away.", retry_after=7), 503, "unavailable"),
        (errors.RateLimited(retry_after=3), 429, "rate_limited"),
        (errors.MalformedPosting(f"amount {SECRET}"), 500, "internal_error"),
        (errors.SecretUnreadable(f"account {SECRET}"), 500, "internal_error"),
    ]:
        with subtests.test(repr(error)):
            api.stage.refuse = error
            answer = await api.client.get("/v1/things/x")
            document = assert_problem(answer, status, code)
            if isinstance(error, Unavailable):
                assert answer.headers["Retry-After"] == str(error.retry_after)
            if status != 500:
                assert (document["detail"], document["retry"]) == (error.message, error.retry)


def test_no_error_but_our_own_faults_is_a_500():
    faults = {"BursarError", "LedgerError", "SecretUnreadable"} | {
        "LedgerKeyReused",
        "UnknownAccount",
        "MalformedPosting",
        "OrganizationMismatch",
    }
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, BursarError)]
    internal = {cls.__name__ for cls in classes if status_of(cls.__new__(cls)) == 500}
    assert internal == faults
    assert status_of(RateLimited(retry_after=1)) == 429
