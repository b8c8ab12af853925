"""POST /v1/webhooks/column: verified, stored, and only then answered 2xx."""

import hashlib
import hmac
import json

import httpx
import pytest
from sqlalchemy import text

from tests.system import System

PATH = "/v1/webhooks/column"
BODY = json.dumps(
    {
        "id": "evnt_1",
        "type": "ach.outgoing_transfer.settled",
        "created_at": "2026-01-01T00:00:00Z",
        "data": {"id": "acht_unknown", "amount": 1, "currency_code": "USD", "description": "rpp_unknown-1"},
    }
).encode()


def signature(system: System, body: bytes) -> dict[str, str]:
    secret = system.settings.column.webhook_secret.get_secret_value().encode()
    return {"Column-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest()}


async def stored(system: System) -> int:
    async with system.house.database.across_organizations(actor="test") as uow:
        return int((await uow.connection.execute(text("select count(*) from inbox_event"))).scalar_one())


@pytest.fixture
def outside(system: System) -> httpx.AsyncClient:
    """Somebody without an API key."""
    return httpx.AsyncClient(transport=system.api._transport, base_url="http://bursar.test")


async def test_the_webhook_takes_only_what_is_signed_and_stores_it_once(
    system: System, outside: httpx.AsyncClient
) -> None:
    unsigned = await outside.post(PATH, content=BODY)
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "invalid_signature")
    tampered = await outside.post(PATH, content=BODY.replace(b"1,", b"2,"), headers=signature(system, BODY))
    assert tampered.status_code == 401
    garbage = await outside.post(PATH, content=b"{}", headers=signature(system, b"{}"))
    assert (garbage.status_code, garbage.json()["code"]) == (422, "malformed_event")
    large = b" " * (system.settings.api.body_limit_bytes + 1)
    assert (await outside.post(PATH, content=large, headers=signature(system, large))).status_code == 413
    nowhere = await outside.post("/v1/webhooks/nobody", content=BODY, headers=signature(system, BODY))
    assert nowhere.status_code == 404
    assert await stored(system) == 0

    first = await outside.post(PATH, content=BODY, headers=signature(system, BODY))
    again = await outside.post(PATH, content=BODY, headers=signature(system, BODY))

    assert (first.status_code, first.json()) == (200, {"stored": True, "new": True})
    assert (again.status_code, again.json()) == (200, {"stored": True, "new": False})
    assert await stored(system) == 1
