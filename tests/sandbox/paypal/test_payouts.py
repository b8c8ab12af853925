"""The pretend PayPal: tokens that end, one batch per sender_batch_id, items that change, webhooks to be verified."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.runner import SandboxRunner
from tests.sandbox.speakers import Control, http_client

CLIENT = ("sandbox-paypal-client-id", "sandbox-paypal-client-secret")


@pytest.fixture
async def paypal(sandbox: SandboxRunner, control: Control) -> AsyncIterator[httpx.AsyncClient]:
    """With a token, and 500.00 on the balance."""
    await control.post("/column/deposits", bank_account_id="bacc_fs_main", amount=100_000)
    await control.post("/paypal/top-ups", bank_account_id="bacc_fs_main", amount=50_000)
    async with http_client(sandbox.addresses["paypal"]) as client:
        client.headers["Authorization"] = f"Bearer {await token(client)}"
        yield client


async def token(client: httpx.AsyncClient) -> str:
    answer = await client.post("/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=CLIENT)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def create(paypal: httpx.AsyncClient, key: str = "batch_1", **item: Any) -> httpx.Response:
    body = {
        "sender_batch_header": {"sender_batch_id": key},
        "items": [
            {
                "recipient_type": "EMAIL",
                "amount": {"value": "20.00", "currency": "USD"},
                "receiver": "ada@example.test",
                **item,
            }
        ],
    }
    return await paypal.post("/v1/payments/payouts", json=body)


async def balance(paypal: httpx.AsyncClient) -> str:
    answer = await paypal.get("/v1/reporting/balances")
    return str(answer.json()["balances"][0]["total_balance"]["value"])


async def show(paypal: httpx.AsyncClient, created: httpx.Response) -> dict[str, Any]:
    """The batch's item."""
    batch = created.json()["batch_header"]["payout_batch_id"]
    item: dict[str, Any] = (await paypal.get(f"/v1/payments/payouts/{batch}")).json()["items"][0]
    return item


async def test_a_batch_takes_the_money_at_once_and_its_item_is_processed_later(
    paypal: httpx.AsyncClient, control: Control
) -> None:
    created = await create(paypal)
    assert (created.status_code, created.json()["batch_header"]["batch_status"]) == (201, "PENDING")
    assert ((await show(paypal, created))["transaction_status"], await balance(paypal)) == ("PENDING", "480.00")
    await control.advance(to="2026-11-23T15:11:00Z")
    assert ((await show(paypal, created))["transaction_status"], await balance(paypal)) == ("SUCCESS", "480.00")


async def test_the_same_sender_batch_id_is_refused_with_a_link_for_thirty_days(
    paypal: httpx.AsyncClient, control: Control
) -> None:
    first = await create(paypal)
    again = await create(paypal)
    assert (again.status_code, again.json()["name"]) == (400, "USER_BUSINESS_ERROR")
    assert again.json()["links"][0]["href"].endswith(first.json()["batch_header"]["payout_batch_id"])
    assert await balance(paypal) == "480.00"
    await control.advance(to="2026-12-24T15:00:00Z")
    assert (await create(paypal)).status_code == 201


@pytest.mark.parametrize(
    ("name", "until", "status", "error"),
    [
        ("locked", "2026-11-24T15:00:00Z", "FAILED", "RECEIVER_ACCOUNT_LOCKED"),
        ("glitch", "2026-11-24T15:00:00Z", "FAILED", "INTERNAL_ERROR"),
        ("unclaimed", "2026-12-25T15:00:00Z", "RETURNED", "RECEIVER_UNREGISTERED"),
    ],
)
async def test_some_receivers_are_not_paid_and_the_money_comes_back(
    paypal: httpx.AsyncClient, control: Control, name: str, until: str, status: str, error: str
) -> None:
    created = await create(paypal, receiver=f"{name}@example.test")
    await control.advance(to=until)
    item = await show(paypal, created)
    assert (item["transaction_status"], item["errors"]["name"], await balance(paypal)) == (status, error, "500.00")


@pytest.mark.parametrize(
    "item",
    [
        {"amount": {"value": "0.00", "currency": "USD"}},
        {"amount": {"value": "1.001", "currency": "USD"}},
        {"amount": {"value": 20, "currency": "USD"}},
        {"amount": {"value": "20.00", "currency": "EUR"}},
        {"receiver": ""},
        {"recipient_type": "PHONE"},
    ],
)
async def test_bad_items_are_refused(paypal: httpx.AsyncClient, item: dict[str, Any]) -> None:
    answer = await create(paypal, **item)
    assert (answer.status_code, answer.json()["name"]) == (400, "VALIDATION_ERROR")
    assert await balance(paypal) == "500.00"


async def test_more_than_the_balance_is_refused(paypal: httpx.AsyncClient) -> None:
    answer = await create(paypal, amount={"value": "500.01", "currency": "USD"})
    assert (answer.status_code, answer.json()["name"]) == (422, "INSUFFICIENT_FUNDS")


async def test_without_a_token_of_ours_nothing_is_told(paypal: httpx.AsyncClient, control: Control) -> None:
    wrong = await paypal.post("/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=("x", "y"))
    assert wrong.status_code == 401
    await control.client.delete("/paypal/tokens")
    assert (await create(paypal)).status_code == 401
    paypal.headers["Authorization"] = f"Bearer {await token(paypal)}"
    assert await balance(paypal) == "500.00"
    assert (await paypal.get("/v1/payments/payouts/NOBODYS")).json()["name"] == "RESOURCE_NOT_FOUND"


async def test_only_the_very_bytes_of_a_webhook_are_verified(paypal: httpx.AsyncClient, sandbox: SandboxRunner) -> None:
    event = json.dumps({"id": "WH-1", "event_type": "PAYMENT.PAYOUTS-ITEM.SUCCEEDED"}).encode()
    headers = sandbox.world.paypal.access.headers("transmission", event)
    proof = {name.lower().removeprefix("paypal-").replace("-", "_"): value for name, value in headers.items()}
    asked = json.dumps({**proof, "webhook_id": "WH-SANDBOX"}).encode()[:-1]
    for body, said in ((event, "SUCCESS"), (event.replace(b"WH-1", b"WH-2"), "FAILURE")):
        answer = await paypal.post(
            "/v1/notifications/verify-webhook-signature", content=asked + b', "webhook_event":' + body + b"}"
        )
        assert answer.json()["verification_status"] == said
