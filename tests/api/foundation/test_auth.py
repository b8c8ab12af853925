"""Who asks is known by a key that is whole, current, of this environment, and allowed to."""

import hashlib
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, select, update

from db.tables.organization import api_key, operator
from domain.errors import NotFound, StateConflict
from services.api_keys import revoke_key

from .conftest import Api

PATH = "/v1/things/x"


async def ask(api: Api, authorization: str | None, path: str = PATH):
    headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    saved = api.client.headers.pop("Authorization", None)
    try:
        return await api.client.get(path, headers=headers)
    finally:
        if saved is not None:
            api.client.headers["Authorization"] = saved


async def change_keys(api: Api, **values) -> None:
    async with api.database.unit_of_work(api.organization_id, actor="test") as uow:
        await uow.connection.execute(update(api_key).values(**values))


async def test_a_good_key_acts_for_its_operator_and_organization(api):
    answer = await api.client.get(PATH)
    assert answer.status_code == 200
    assert answer.json()["organization"] == str(api.organization_id)
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


async def test_anything_else_is_refused_alike(api, subtests):
    unknown = "Bearer sk_test_" + "a" * 43
    for authorization in (None, "", "Bearer", "Bearer x", "Basic c2s6", unknown, unknown[:-1], unknown[:-1] + "\xe9"):
        with subtests.test(authorization):
            answer = await ask(api, authorization)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json()["code"] == "unauthenticated"
            assert answer.json()["detail"] == "A valid API key is required."


async def test_an_unknown_address_under_v1_says_no_more_than_that_it_is_unknown(api):
    assert (await ask(api, None, "/v1/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"revoked_at": func.clock_timestamp()}, "revoked"),
        ({"expires_at": func.clock_timestamp()}, "expired"),
        ({"live": True}, "wrong_environment"),
    ],
)
async def test_a_key_that_is_no_longer_good_is_refused_and_that_is_audited(api, change, reason):
    await change_keys(api, **change)
    answer = await api.client.get(PATH)
    assert answer.status_code == 401
    (row,) = await api.audited("request.refused")
    assert row["detail"] == {"route": "/v1/things/{thing_id}", "reason": reason}
    assert (row["organization_id"], row["request_id"]) == (api.organization_id, answer.headers["X-Request-Id"])


async def test_nobody_who_acts_for_an_organization_can_look_up_a_key(api):
    with pytest.raises(asyncpg.RaiseError):
        async with api.database.unit_of_work(api.organization_id, actor="test") as uow:
            await uow.bare.fetch("select * from admit_key($1, null, false, 1, 1)", b"")


async def test_a_disabled_operators_keys_are_refused(api):
    async with api.database.unit_of_work(api.organization_id, actor="test") as uow:
        await uow.connection.execute(update(operator).values(disabled_at=func.clock_timestamp()))
    assert (await api.client.get(PATH)).status_code == 401
    with pytest.raises(StateConflict):
        await api.key()


async def test_a_key_works_until_it_expires_or_is_revoked(api):
    secret = await api.key(expires_in=timedelta(minutes=5))
    assert (await ask(api, f"Bearer {secret}")).status_code == 200
    async with api.database.unit_of_work(api.organization_id, actor="test") as uow:
        digest = hashlib.sha256(secret.encode()).digest()
        key_id = (await uow.connection.execute(select(api_key.c.id).where(api_key.c.hash == digest))).scalar_one()
    await revoke_key(api.database, api.organization_id, key_id, actor="test")
    assert (await ask(api, f"Bearer {secret}")).status_code == 401


async def test_unknown_keys_cannot_fill_the_audit_trail(api):
    for _ in range(70):
        await ask(api, "Bearer sk_test_" + "a" * 43)
    rows = await api.audited("request.refused")
    assert 60 <= len(rows) < 70
    assert {row["subject_id"] for row in rows} == {"unknown"}
    assert {row["organization_id"] for row in rows} == {None}


async def test_a_key_may_do_what_its_scopes_say(api, new_thing, subtests):
    for scopes, may_read, may_write in (
        (["*"], True, True),
        (["*:read"], True, False),
        (["things:read"], True, False),
        (["things:read", "things:write"], True, True),
        (["other:write"], False, False),
        (["things:write"], False, True),
    ):
        with subtests.test(scopes=scopes):
            bearer = {"Authorization": f"Bearer {await api.key(scopes=scopes)}"}
            read = await api.client.get("/v1/guarded", headers=bearer)
            wrote = await api.client.post("/v1/things", json=new_thing, headers=bearer | {"Idempotency-Key": "k"})
            assert (read.status_code, wrote.status_code) == (200 if may_read else 403, 201 if may_write else 403)


async def test_what_is_denied_is_audited_and_says_which_scope_lacks(api, new_thing):
    bearer = {"Authorization": f"Bearer {await api.key(scopes=['things:read'])}"}
    denied = await api.client.post("/v1/things", json=new_thing, headers=bearer | {"Idempotency-Key": "k"})
    assert (denied.json()["code"], denied.json()["who_must_act"]) == ("permission_denied", "operator")
    assert "things:write" in denied.json()["detail"]
    (row,) = await api.audited("request.denied")
    assert (row["organization_id"], row["detail"]["route"]) == (api.organization_id, "/v1/things")
    assert await api.things() == 0


async def test_a_change_that_is_refused_is_audited_and_a_reading_is_not(api, new_thing):
    await api.client.post("/v1/things", json=new_thing, headers={"Idempotency-Key": "k"})
    other = await api.client.post("/v1/things", json=new_thing | {"amount": 1}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    api.stage.refuse = NotFound("thing")
    assert (await api.client.get("/v1/things/none")).status_code == 404
    (row,) = await api.audited("request.denied")
    assert (row["detail"]["code"], row["detail"]["route"]) == ("idempotency_key_reused", "/v1/things")


async def test_only_the_hash_of_a_key_is_stored_and_its_use_is_noted_once_a_minute(api):
    secret = api.client.headers["Authorization"].removeprefix("Bearer ")
    await api.client.get(PATH)

    async def stored() -> dict[str, Any]:
        async with api.database.unit_of_work(api.organization_id, actor="test") as uow:
            return dict((await uow.all(api_key.select()))[0])

    first = await stored()
    assert first["last_used_at"] is not None
    assert first["hash"] == hashlib.sha256(secret.encode()).digest()
    assert secret[20:] not in str(first)
    await api.client.get(PATH)
    assert (await stored())["last_used_at"] == first["last_used_at"]
    await change_keys(api, last_used_at=first["last_used_at"] - timedelta(minutes=2))
    await api.client.get(PATH)
    assert (await stored())["last_used_at"] > first["last_used_at"]
