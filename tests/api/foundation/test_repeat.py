"""What the database ends for a deadlock is done again by the API; a caller sees 503 at worst, never 500."""

import asyncpg
import pytest

from domain.ids import new_id

from .conftest import Api


def _ending(times: int, kind: type[asyncpg.PostgresError]):
    left = [kind("Process 4711 waits for ShareLock on 000123456789")] * times

    async def end() -> None:
        if left:
            raise left.pop()

    return end


async def _send(api: Api):
    return await api.client.post(
        "/v1/things", json={"amount": 15000, "currency": "USD"}, headers={"Idempotency-Key": new_id().hex}
    )


@pytest.mark.parametrize("kind", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError])
async def test_a_request_whose_transaction_was_ended_is_done_again_and_takes_effect_once(api, kind):
    api.stage.before_commit = _ending(2, kind)
    answer = await _send(api)
    assert (answer.status_code, await api.things()) == (201, 1)
    assert len(await api.audited("request.accepted")) == 1


async def test_one_that_is_ended_every_time_is_answered_with_when_to_come_again(api):
    api.stage.before_commit = _ending(3, asyncpg.DeadlockDetectedError)
    answer = await _send(api)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "4711" not in answer.text
    assert await api.things() == 0
    assert (await _send(api)).status_code == 201


async def test_another_fault_is_not_repeated(api):
    api.stage.before_commit = _ending(1, asyncpg.UniqueViolationError)
    assert (await _send(api)).status_code == 500
    assert await api.things() == 0
