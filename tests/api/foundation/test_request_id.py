"""Each request has one id, which its answer, its log line and its audit rows share."""

import structlog


async def test_the_callers_own_id_is_used(api):
    answer = await api.client.get("/v1/things/x", headers={"X-Request-Id": "trace-0123456789"})
    assert answer.headers["X-Request-Id"] == "trace-0123456789"
    assert answer.json()["request_id"] == "trace-0123456789"


async def test_an_id_that_could_spoil_a_log_is_replaced(api, subtests):
    for given in ["", "short", "x" * 65, "has blank 1234", 'quote"1234567', "../../etc/passwd"]:
        with subtests.test(repr(given)):
            answer = await api.client.get("/v1/things/x", headers={"X-Request-Id": given})
            assert answer.headers["X-Request-Id"].startswith("req_")
            assert answer.headers["X-Request-Id"] != given


async def test_one_line_is_logged_without_anything_from_the_address(api, info_logs):
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = await api.client.get("/v1/things/123456789012?kind=987654321")
    (line,) = [line for line in logs if line["event"] == "request"]
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/things/{thing_id}", 200)
    assert line["key_id"]
    assert "123456789012" not in str(logs)
    assert "987654321" not in str(logs)


async def test_an_address_that_matches_nothing_is_not_logged_either(api, info_logs):
    with structlog.testing.capture_logs() as logs:
        await api.client.get("/accounts/123456789012")
    assert logs[0]["route"] == "unmatched"
    assert "123456789012" not in str(logs)


async def test_every_answer_is_private_and_unframed(api):
    for path in ("/v1/things/x", "/v1/nothing", "/healthz", "/openapi.json"):
        headers = (await api.client.get(path)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in headers
