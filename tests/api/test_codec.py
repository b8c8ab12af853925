"""The codec opens payloads for operators and for nobody else."""

from base64 import b64decode, b64encode
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload

from db.crypto.keyring import Keyring
from db.crypto.payload_codec import SealingCodec
from services.api_keys import revoke_key
from tests.api.application import Application

pytestmark = pytest.mark.asyncio(loop_scope="module")
UI = "http://127.0.0.1:8233"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"id": "seen"}')


def as_json(payload: Payload) -> dict[str, Any]:
    metadata = {name: b64encode(value).decode() for name, value in payload.metadata.items()}
    return {"metadata": metadata, "data": b64encode(payload.data).decode()}


async def sealed(application: Application, namespace: str = "bursar") -> dict[str, Any]:
    (payload,) = await SealingCodec(application.database.keyring, namespace).encode([PLAIN])
    return as_json(payload)


async def ask(application: Application, *payloads: Any, way: str = "decode", **headers: str) -> Any:
    browser = application.browser()
    return await browser.post(
        f"/codec/{way}", json={"payloads": payloads}, headers={"X-Namespace": "bursar", "Origin": UI} | headers
    )


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_an_operators_key_decodes_in_order_and_what_is_not_sealed_stays(application: Application) -> None:
    _, secret = await application.key(scopes=["operations:read"])
    answer = await ask(application, await sealed(application), as_json(PLAIN), **bearer(secret))
    assert answer.status_code == 200
    assert answer.json() == {"payloads": [as_json(PLAIN), as_json(PLAIN)]}


async def test_what_is_encoded_is_sealed_and_decodes_again(application: Application) -> None:
    encoded = await ask(application, as_json(PLAIN), way="encode", **bearer(application.ada.secret))
    (payload,) = encoded.json()["payloads"]
    assert b"seen" not in b64decode(payload["data"])
    decoded = await ask(application, payload, **bearer(application.ada.secret))
    assert decoded.json()["payloads"] == [as_json(PLAIN)]


async def test_nobody_else_is_served(application: Application) -> None:
    key_id, narrow = await application.key(scopes=["merchants:read"])
    payload = await sealed(application)
    for headers, status, code in (
        ({}, 401, "unauthenticated"),
        (bearer("sk_test_" + "a" * 43), 401, "unauthenticated"),
        (bearer(narrow), 403, "permission_denied"),
        ({"Cookie": "bursar_session=AAAA"}, 401, "unauthenticated"),
    ):
        answer = await ask(application, payload, **headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert payload["data"] not in answer.text
    assert [row["detail"]["route"] for row in await application.audited("request.denied", key_id)] == ["/codec/decode"]


async def test_a_session_decodes_for_the_web_ui_and_for_no_other_page(application: Application) -> None:
    browser = application.browser()
    assert (await browser.post("/login", data={"key": application.ada.secret})).status_code == 303
    body = {"payloads": [await sealed(application)]}
    headers = {"X-Namespace": "bursar", "Origin": UI, "Sec-Fetch-Site": "same-site"}
    answer = await browser.post("/codec/decode", json=body, headers=headers)
    assert answer.json() == {"payloads": [as_json(PLAIN)]}
    other = await browser.post("/codec/decode", json=body, headers=headers | {"Origin": "http://127.0.0.1:9999"})
    assert (other.status_code, other.json()["code"]) == (403, "other_origin")
    assert "access-control-allow-origin" not in other.headers


async def test_a_session_looks_and_does_nothing(application: Application) -> None:
    browser = application.browser()
    assert (await browser.get("/v1/cases")).status_code == 401
    await browser.post("/login", data={"key": application.ada.secret})
    assert (await browser.get("/v1/cases")).status_code == 200
    headers = {"Idempotency-Key": "k", "Origin": "http://bursar.test", "Sec-Fetch-Site": "same-origin"}
    done = await browser.post("/v1/webhook-endpoints", json={"url": "http://127.0.0.1:9/"}, headers=headers)
    assert (done.status_code, done.json()["code"]) == (401, "unauthenticated")
    wrong = await browser.get("/v1/cases", headers=bearer("sk_test_" + "a" * 43))
    assert wrong.status_code == 401, "a key that is none is not made up for by a session"


async def test_revoking_the_key_ends_its_sessions(application: Application) -> None:
    key_id, secret = await application.key()
    browser = application.browser()
    await browser.post("/login", data={"key": secret})
    request: dict[str, Any] = {
        "json": {"payloads": [as_json(PLAIN)]},
        "headers": {"X-Namespace": "bursar", "Origin": UI},
    }
    assert (await browser.post("/codec/decode", **request)).status_code == 200
    await revoke_key(application.database, application.ada.organization_id, key_id, actor="test")
    assert (await browser.post("/codec/decode", **request)).status_code == 401
    assert "Log in with an API key" in (await browser.get("/login")).text


async def test_only_payloads_of_our_namespace_open(application: Application) -> None:
    key = bearer(application.ada.secret)
    for namespace in ("other", ""):
        answer = await ask(application, as_json(PLAIN), **key, **{"X-Namespace": namespace})
        assert (answer.status_code, answer.json()["field"]) == (422, "X-Namespace")
    foreign = await ask(application, as_json(PLAIN), await sealed(application, "other"), **key)
    assert (foreign.status_code, foreign.json()["field"]) == (422, "/payloads/1/data")


async def test_a_payload_that_does_not_open_is_named(application: Application) -> None:
    (stranger,) = await SealingCodec(Keyring.generate(), "bursar").encode([PLAIN])
    answer = await ask(application, as_json(stranger), **bearer(application.ada.secret))
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_payload")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/payloads"),
        ({"payloads": {}}, "/payloads"),
        ({"payloads": [{"data": "***"}]}, "/payloads/0/data"),
        ({"payloads": [{"data": 5}]}, "/payloads/0/data"),
        ({"payloads": [{"metadata": {"encoding": "é"}}]}, "/payloads/0/metadata/encoding"),
        ({"payloads": [{}] * 2001}, "/payloads"),
    ],
)
async def test_malformed_payloads_are_refused_by_name(application: Application, body: Any, field: str) -> None:
    headers = {"X-Namespace": "bursar"}
    answer = await application.ada.client.post("/codec/decode", json=body, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_browsers_are_told_that_the_web_ui_alone_may_ask(application: Application) -> None:
    browser = application.browser()
    preflight = {
        "Origin": UI,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-namespace",
    }
    told = await browser.options("/codec/decode", headers=preflight)
    assert told.status_code == 200
    assert told.headers["Access-Control-Allow-Origin"] == UI
    assert told.headers["Access-Control-Allow-Credentials"] == "true"
    assert "x-namespace" in told.headers["Access-Control-Allow-Headers"].lower()
    refused = await browser.options("/codec/decode", headers=preflight | {"Origin": "http://127.0.0.1:8234"})
    assert refused.status_code == 400
    elsewhere = await browser.options("/v1/merchants", headers=preflight)
    assert "access-control-allow-origin" not in elsewhere.headers
    # also what is refused must be readable to the page, or it could not say why
    answer = await ask(application, as_json(PLAIN))
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, UI)


async def test_use_is_audited_once_a_minute(application: Application) -> None:
    key_id, secret = await application.key()
    for _ in range(5):
        await ask(application, as_json(PLAIN), **bearer(secret))
    assert len(await application.audited("codec.used", key_id)) == 1
