"""A request that creates something takes effect once, however often and however simultaneously it is sent."""

import asyncio
import time
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import update

from api.app import create_app
from db.tables.idempotency import idempotency_key
from domain.errors import StateConflict
from domain.ids import new_id
from settings import Settings

from .conftest import Api, things_router


async def send(api: Api, key: str | None = "key-1", **changes) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    headers |= changes.pop("headers", {})
    return await api.client.post("/v1/things", json={"amount": 15000, "currency": "USD", **changes}, headers=headers)


async def test_a_repeat_is_answered_the_same_and_does_nothing(api):
    first, second = await send(api), await send(api)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert await api.things() == 1


async def test_another_key_is_another_thing(api):
    assert (await send(api, "key-1")).json()["id"] != (await send(api, "key-2")).json()["id"]
    assert await api.things() == 2


async def test_a_key_is_required(api):
    answer = await send(api, None)
    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency_key_missing"
    assert answer.json()["field"] == "Idempotency-Key"
    assert await api.things() == 0


async def test_a_key_is_short_and_printable(api, subtests):
    for key in ("", "a b", "x" * 256, "tab\there"):
        with subtests.test(key):
            answer = await send(api, key)
            assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")
    assert await api.things() == 0


async def test_the_same_key_for_another_request_is_refused(api):
    await send(api)
    other_body = await send(api, amount=15001)
    other_query = await api.client.post(
        "/v1/things?x=1", json={"amount": 15000, "currency": "USD"}, headers={"Idempotency-Key": "key-1"}
    )
    for answer in (other_body, other_query):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await api.things() == 1


async def test_a_refused_request_leaves_nothing_and_may_be_corrected_under_its_key(api):
    api.stage.refuse = StateConflict("already_reversed", "It was reversed before.")
    assert (await send(api)).json()["code"] == "already_reversed"
    assert await api.things() == 0
    api.stage.refuse = None
    assert (await send(api, amount=1)).status_code == 201
    assert await api.things() == 1


async def test_a_request_that_dies_before_its_commit_leaves_nothing(api):
    api.stage.refuse = RuntimeError("killed")
    assert (await send(api)).status_code == 500
    api.stage.refuse = None
    answer = await send(api)
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)
    assert await api.things() == 1


async def test_many_at_once_make_one_thing(api):
    answers = await asyncio.gather(*(send(api) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert await api.things() == 1


async def test_a_repeat_while_the_first_still_works_is_told_so(api):
    release, working = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        working.set()
        await release.wait()

    api.stage.before_commit = hold
    first = asyncio.create_task(send(api))
    await working.wait()
    began = time.monotonic()
    second = await send(api)
    assert time.monotonic() - began < 8
    assert (second.status_code, second.json()["code"]) == (409, "request_still_running")
    assert second.headers["Retry-After"] == "1"
    release.set()
    assert (await first).status_code == 201
    assert (await send(api)).headers["Idempotent-Replayed"] == "true"
    assert await api.things() == 1


async def test_the_same_key_of_another_organization_is_another_key(api, other):
    mine = await send(api)
    theirs = await send(api, headers={"Authorization": f"Bearer {other}"})
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine.json()["id"]


async def test_an_expired_key_counts_as_never_used(api):
    first = await send(api)
    async with api.database.unit_of_work(api.organization_id, actor="test") as uow:
        await uow.connection.execute(update(idempotency_key).values(expires_at=idempotency_key.c.created_at))
    second = await send(api, amount=7)
    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]
    assert (await send(api, amount=7)).headers["Idempotent-Replayed"] == "true"


async def test_workflows_are_started_after_the_commit(api):
    row = {"id": new_id()}
    api.stage.outbox = [row]

    standing: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    temporal = asyncio.Event()

    async def start(_rows) -> None:
        standing.set_result(await api.things())
        await temporal.wait()

    api.stage.start = start
    assert (await send(api)).status_code == 201, "answered before Temporal is"
    assert (await standing, api.stage.started) == (1, [row])
    temporal.set()


async def test_who_prefers_to_wait_has_one_place_while_the_workflow_is_started(api):
    context = api.app.state.context
    app = create_app(replace(context, settings=Settings(api={"concurrent_requests": 2})), [things_router(api.stage)])
    starting, temporal = asyncio.Event(), asyncio.Event()

    async def start(_rows) -> None:
        starting.set()
        await temporal.wait()

    api.stage.outbox, api.stage.start, api.stage.settled = [{"id": new_id()}], start, True
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bursar.test", headers=api.client.headers
    ) as client:
        asked = asyncio.create_task(send(replace(api, client=client), headers={"Prefer": "wait=10"}))
        await starting.wait()
        assert (await client.get("/v1/things/x")).status_code == 200
        temporal.set()
        assert (await asked).status_code == 200


@pytest.mark.parametrize("fault", [ConnectionError("away"), RuntimeError("broken")])
async def test_a_start_that_fails_is_left_to_the_workers(api, fault):
    async def fail(_rows) -> None:
        raise fault

    api.stage.outbox, api.stage.start = [{"id": new_id()}], fail
    assert (await send(api)).status_code == 201
    assert await api.things() == 1


async def test_who_prefers_to_wait_is_answered_when_the_flow_has_settled(api):
    answer = asyncio.create_task(send(api, headers={"Prefer": "wait=10"}))
    await api.stage.asked.wait()
    running = await send(api, headers={"Prefer": "wait=10"})
    assert running.json()["code"] == "request_still_running"
    api.stage.settled = True
    settled = await answer
    assert (settled.status_code, settled.json()["state"]) == (200, "done")
    assert settled.headers["Preference-Applied"] == "wait"
    api.stage.settled = False
    assert (await send(api)).content == settled.content


async def test_who_waits_in_vain_is_answered_as_if_it_had_not_waited(api):
    waited = await send(api, headers={"Prefer": "wait=1"})
    assert (waited.status_code, waited.json()["state"]) == (201, "open")
    assert (await send(api)).content == waited.content


async def test_each_accepted_request_is_audited_with_who_asked(api):
    answer = await send(api)
    (row,) = await api.audited("request.accepted")
    assert row["request_id"] == answer.headers["X-Request-Id"]
    assert row["detail"] == {"route": "POST /v1/things"}
    assert row["actor"].startswith("operator/")
    assert row["organization_id"] == api.organization_id


async def test_what_is_kept_of_a_request_does_not_tell_its_body(api):
    await send(api, note="account 123456789012")
    async with api.database.unit_of_work(api.organization_id, actor="test") as uow:
        (row,) = await uow.all(idempotency_key.select())
    assert "123456789012" not in str(dict(row))
    assert len(row["request_hmac"]) == 32
