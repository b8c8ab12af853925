"""The API of reimbursements: bad input is named, lists are pages, and nobody sees another organization's."""

from collections.abc import AsyncIterator

import httpx
import pytest

from domain.ids import new_id
from services.api_keys import create_key
from services.operators import add_operator
from tests.flows.reimbursements.people import People


@pytest.fixture
async def stranger(people: People) -> AsyncIterator[httpx.AsyncClient]:
    """An operator of another organization, who may do everything there."""
    database = people.system.house.database
    added = await add_operator(database, organization="Others", name="Eve", email="eve@example.test", actor="test")
    key = await create_key(
        database,
        added.organization_id,
        operator_email="eve@example.test",
        name="test",
        scopes=["*"],
        live=False,
        expires_in=None,
        actor="test",
    )
    async with httpx.AsyncClient(
        transport=people.system.api._transport,
        base_url="http://bursar.test",
        headers={"Authorization": f"Bearer {key.secret}"},
    ) as client:
        yield client


async def test_another_organization_finds_nothing_and_changes_nothing(
    people: People, stranger: httpx.AsyncClient
) -> None:
    report_id = await people.reviewed(1_000)
    payee_id, method_id = people.payee["id"], people.method["id"]
    for path in (f"/v1/reports/{report_id}", f"/v1/payees/{payee_id}"):
        assert (await stranger.get(path)).status_code == 404
    for path in ("/v1/reports", "/v1/payees", "/v1/payouts", "/v1/deposits"):
        assert (await stranger.get(path)).json()["data"] == []
    for path, body in (
        (f"/v1/reports/{report_id}/approve", None),
        (f"/v1/reports/{report_id}/cancel", {}),
        (f"/v1/reports/{report_id}/payout-method", {"payout_method_id": method_id}),
        (f"/v1/payees/{payee_id}/payout-methods", {"routing_number": "011000015", "account_number": "99998888"}),
        ("/v1/reports", {"payee_id": payee_id}),
    ):
        answer = await stranger.post(path, json=body, headers={"Idempotency-Key": new_id().hex})
        assert answer.status_code == 404, path
    assert (await people.system.get(f"/v1/reports/{report_id}"))["state"] == "reimbursement_requested"


BAD_EXPENSES: list[tuple[dict[str, object], str]] = [
    ({"amount": 10.5}, "/amount"),
    ({"amount": "1000"}, "/amount"),
    ({"amount": 0}, "/amount"),
    ({"amount": -5}, "/amount"),
    ({"amount": 10**30}, "/amount"),
    ({"memo": ""}, "/memo"),
    ({"spent_on": "yesterday"}, "/spent_on"),
    ({"unknown": 1}, "/unknown"),
]
BAD_ACCOUNTS = [
    ({"routing_number": "000000000", "account_number": "123456"}, "/routing_number"),
    ({"routing_number": "123456789", "account_number": "123456"}, "/routing_number"),
    ({"routing_number": "011000015", "account_number": "12"}, "/account_number"),
    ({"routing_number": "011000015", "account_number": "12a456"}, "/account_number"),
]


async def test_a_bad_expense_names_its_field(people: People) -> None:
    report = await people.system.post("/v1/reports", {"payee_id": people.payee["id"]})
    for changes, field in BAD_EXPENSES:
        answer = await people.system.api.post(
            f"/v1/reports/{report['id']}/expenses",
            json={"memo": "Train", "amount": 1_000} | changes,
            headers={"Idempotency-Key": new_id().hex},
        )
        assert (answer.status_code, answer.json()["field"]) == (422, field), changes
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_bank_details_that_cannot_be_are_refused_without_repeating_them(people: People) -> None:
    for body, field in BAD_ACCOUNTS:
        answer = await people.system.api.post(
            f"/v1/payees/{people.payee['id']}/payout-methods", json=body, headers={"Idempotency-Key": new_id().hex}
        )
        assert (answer.status_code, answer.json()["field"]) == (422, field), body
        said = {name: value for name, value in answer.json().items() if name != "request_id"}
        assert body["account_number"] not in str(said)


async def test_what_moves_money_needs_an_idempotency_key(people: People) -> None:
    report_id = await people.reviewed(1_000)
    answer = await people.system.other_operator.post(f"/v1/reports/{report_id}/approve")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


async def test_lists_are_pages_newest_first_and_can_be_filtered(people: People) -> None:
    made = [await people.reviewed(1_000 + number) for number in range(3)]
    first = await people.system.get("/v1/reports?limit=2")
    assert [report["id"] for report in first["data"]] == made[:0:-1]
    second = await people.system.get(f"/v1/reports?limit=2&cursor={first['next_cursor']}")
    assert ([report["id"] for report in second["data"]], second["has_more"]) == (made[:1], False)
    assert (await people.system.get("/v1/reports?state=draft"))["data"] == []
    await people.ask(made[0], "approve")
    await people.until(made[0], "sent")
    (payout,) = (await people.system.get("/v1/payouts?state=sent"))["data"]
    assert payout["report_id"] == made[0]
    assert (await people.system.get(f"/v1/payouts/{payout['id']}"))["attempts"][0]["kind"] == "ach"
    assert (await people.system.get("/v1/payouts?who_must_act=operator"))["data"] == []


async def test_an_approval_that_waits_is_answered_when_the_transfer_is_sent(people: People) -> None:
    report_id = await people.reviewed(1_000)
    path = f"/v1/reports/{report_id}/approve"
    report = await people.system.post(path, None, client=people.system.other_operator, wait=15)
    assert report["payout"]["state"] == "sent"
    assert "/workflows/reimbursement" in report["links"]["run"]
