"""Endpoints are an organization's own; their secrets are shown once and never kept in the clear."""

from base64 import b64decode
from typing import Any

import httpx
import pytest

from db.crypto.envelope import Envelope
from domain.ids import new_id, public_id
from tests.api.application import Application

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/v1/webhook-endpoints"
URL = "https://receiver.example/hook?token=abc"


async def create(client: httpx.AsyncClient, key: str | None = None, **body: Any) -> httpx.Response:
    return await client.post(PATH, json={"url": URL} | body, headers={"Idempotency-Key": key or new_id().hex})


async def test_the_secret_is_shown_once_and_a_repeat_of_the_request_does_not_show_it(application: Application) -> None:
    key = new_id().hex
    first = await create(application.ada.client, key, description="Ledger import")
    again = await create(application.ada.client, key, description="Ledger import")
    secret = first.json()["secret"]
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == {**first.json(), "secret": None}
    for seen in (
        await application.ada.client.get(f"{PATH}/{first.json()['id']}"),
        await application.ada.client.get(PATH),
    ):
        assert "whsec_" not in seen.text
    (row,) = await application.rows("select id, secret from webhook_endpoint order by id desc limit 1")
    context = f"webhook_endpoint/{row['id']}/secret"
    opened = Envelope(application.database.keyring).open(row["secret"], context)
    assert opened == b64decode(secret.removeprefix("whsec_"))
    stored = await application.rows("select response::text as response from idempotency_key")
    assert not [row for row in stored if "whsec_" in row["response"]]
    assert (await application.ada.client.delete(f"{PATH}/{first.json()['id']}")).status_code == 204


async def test_what_is_done_is_audited_without_the_address(application: Application) -> None:
    made = (await create(application.ada.client)).json()
    await application.ada.client.post(f"{PATH}/{made['id']}/rotate-secret", headers={"Idempotency-Key": new_id().hex})
    await application.ada.client.delete(f"{PATH}/{made['id']}")
    rows = await application.rows(
        "select action, detail from audit.entry where subject_kind = 'webhook-endpoint' order by id desc limit 3"
    )
    assert [row["action"].partition(".")[2] for row in rows] == ["removed", "secret_rotated", "created"]
    assert rows[2]["detail"] == {"host": "receiver.example"}


async def test_another_organizations_endpoint_is_not_there(application: Application) -> None:
    made = (await create(application.ada.client)).json()
    headers = {"Idempotency-Key": new_id().hex}
    for endpoint_id in (made["id"], public_id("whe", new_id())):
        path = f"{PATH}/{endpoint_id}"
        answers = [
            await application.grace.client.get(path),
            await application.grace.client.post(f"{path}/rotate-secret", headers=headers),
            await application.grace.client.post(f"{path}/resend", headers=headers),
            await application.grace.client.delete(path),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}
    assert (await application.grace.client.get(PATH)).json()["data"] == []
    assert (await application.ada.client.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert (await application.ada.client.delete(f"{PATH}/{made['id']}")).status_code == 404


async def test_an_organization_has_at_most_twenty(application: Application) -> None:
    answers = [await create(application.ada.client) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [422]
    assert answers[-1].json()["code"] == "too_many_webhook_endpoints"


async def test_a_key_needs_the_scope(application: Application) -> None:
    _, secret = await application.key(scopes=["webhook_endpoints:read"])
    reader = application.browser()
    reader.headers["Authorization"] = f"Bearer {secret}"
    assert (await reader.get(PATH)).status_code == 200
    assert (await create(reader)).status_code == 403
