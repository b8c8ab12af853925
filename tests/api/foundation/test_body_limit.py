"""A body over the limit is refused, announced or not, and never kept."""

from collections.abc import AsyncIterator

import pytest

LIMIT = 2000


async def chunks(total: int) -> AsyncIterator[bytes]:
    sent = 0
    while sent < total:
        sent += 100
        yield b" " * 100


@pytest.mark.parametrize("headers", [{"Idempotency-Key": "k"}, {}])
async def test_an_announced_excess_is_refused_before_it_is_read(api, headers):
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    answer = await api.client.post("/v1/things", content=never(), headers=headers | {"Content-Length": str(LIMIT + 1)})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["Connection"] == "close"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


async def test_an_excess_in_chunks_is_refused_when_it_shows(api):
    answer = await api.client.post(
        "/v1/things", content=chunks(LIMIT + 100), headers={"Idempotency-Key": "k", "Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_body_at_the_limit_is_read(api, new_thing):
    answer = await api.client.post(
        "/v1/things",
        content=b'{"amount": 1, "currency": "USD"}'.ljust(LIMIT),
        headers={"Idempotency-Key": "k", "Content-Type": "application/json"},
    )
    assert answer.status_code == 201


@pytest.mark.parametrize("length", ["-1", "x", "9" * 100])
async def test_a_length_that_is_none_is_refused(api, length):
    answer = await api.client.post("/v1/things", content=b"", headers={"Content-Length": length})
    assert answer.status_code == 413
