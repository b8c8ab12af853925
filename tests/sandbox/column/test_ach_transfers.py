"""Outgoing ACH from initiation to its end, and what comes in."""

from typing import Any

import httpx
import pytest

from tests.sandbox.column.requests import ACH, balances, send
from tests.sandbox.speakers import Control

pytestmark = pytest.mark.usefixtures("funded")


async def initiate(column: httpx.AsyncClient, key: str = "ach_1", **changes: str | None) -> dict[str, Any]:
    response = await send(column, "/transfers/ach", ACH, key, **changes)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


async def read(column: httpx.AsyncClient, transfer: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = (await column.get(f"/transfers/ach/{transfer['id']}")).json()
    return document


async def test_money_leaves_at_initiation(column: httpx.AsyncClient) -> None:
    transfer = await initiate(column)
    assert (transfer["status"], transfer["type"], transfer["amount"]) == ("INITIATED", "CREDIT", 2000)
    assert transfer["counterparty_id"].startswith("cpty_")
    assert transfer["effective_on"] == "2026-11-23"
    assert "123456789" not in str(transfer)
    assert await balances(column) == (98_000, 0)


@pytest.mark.parametrize(
    ("same_day", "submitted", "settled"),
    [
        ("true", "2026-11-23T15:30:00Z", "2026-11-23T18:00:00Z"),
        ("false", "2026-11-23T15:30:00Z", "2026-11-24T13:30:00Z"),
    ],
)
async def test_a_transfer_goes_out_at_the_next_window_and_settles(
    same_day: str, submitted: str, settled: str, column: httpx.AsyncClient, control: Control
) -> None:
    transfer = await initiate(column, same_day=same_day)
    seen = [transfer["status"]]
    for instant in (submitted, settled, "2026-11-27T13:00:00Z"):
        await control.advance(to=instant)
        seen.append((await read(column, transfer))["status"])
    assert seen == ["INITIATED", "SUBMITTED", "SETTLED", "COMPLETED"]
    assert await balances(column) == (98_000, 0)


async def test_after_the_last_window_the_next_banking_day_counts(column: httpx.AsyncClient, control: Control) -> None:
    await control.advance(to="2026-11-25T22:00:00Z")  # Wednesday 17:00, Thursday is Thanksgiving
    transfer = await initiate(column)
    assert transfer["effective_on"] == "2026-11-27"


async def test_a_magic_account_is_returned_and_the_money_is_back(column: httpx.AsyncClient, control: Control) -> None:
    transfer = await initiate(column, counterparty__account_number="990009003")
    await control.advance(to="2026-11-30T15:00:00Z")
    returned = await read(column, transfer)
    [detail] = returned["return_details"]
    assert (returned["status"], detail["return_code"], returned["returned_at"]) == (
        "RETURNED",
        "R03",
        "2026-11-25T13:00:00.000000Z",
    )
    assert await balances(column) == (100_000, 0)


async def test_an_account_that_bounces_once_pays_the_second_time(column: httpx.AsyncClient, control: Control) -> None:
    for key, to in (("a", "2026-11-30T15:00:00Z"), ("b", "2026-12-07T15:00:00Z")):
        await initiate(column, key, counterparty__account_number="990009502")
        await control.advance(to=to)
    listed = (await column.get("/transfers/ach")).json()["transfers"]
    assert [transfer["status"] for transfer in listed] == ["COMPLETED", "RETURNED"]


async def test_a_return_before_settlement_gives_the_money_back_too(column: httpx.AsyncClient, control: Control) -> None:
    transfer = await initiate(column)
    await control.post(f"/column/ach/{transfer['id']}/return", code="R13")
    await control.advance(to="2026-12-01T15:00:00Z")
    assert ((await read(column, transfer))["status"], await balances(column)) == ("RETURNED", (100_000, 0))


async def test_a_late_return_comes_also_after_completion(column: httpx.AsyncClient, control: Control) -> None:
    transfer = await initiate(column)
    await control.advance(to="2027-01-10T15:00:00Z")
    await control.post(f"/column/ach/{transfer['id']}/return", code="R02")
    assert (await read(column, transfer))["status"] == "RETURNED"
    assert await balances(column) == (100_000, 0)
    again = await control.client.post(f"/column/ach/{transfer['id']}/return", json={"code": "R02"})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"counterparty__routing_number": "011000016"}, "invalid_routing_number"),
        ({"counterparty__routing_number": "099000008"}, "invalid_routing_number"),
        ({"counterparty__account_number": "12"}, "invalid_account_number"),
        ({"counterparty__account_number": "990009401"}, "invalid_account_number"),
        ({"counterparty__account_number": "990009402"}, "counterparty_blocked"),
        ({"counterparty__account_number": "990009403"}, "ach_limit_exceeded"),
        ({"amount": "100001"}, "insufficient_balance"),
        ({"amount": "100000001"}, "same_day_limit_exceeded"),
        ({"type": "DEBIT"}, "invalid_parameter"),
        ({"company_entry_description": "x" * 11}, "invalid_parameter"),
        ({"company_name": "x" * 17}, "invalid_parameter"),
        ({"account_number_id": "acno_nobody"}, "account_number_not_found"),
        ({"account_number_id": None}, "invalid_parameter"),
        ({"counterparty_id": "cpty_1"}, "invalid_parameter"),
        ({"same_day": "maybe"}, "invalid_parameter"),
    ],
)
async def test_a_refused_transfer_leaves_no_trace(
    changes: dict[str, str | None], code: str, column: httpx.AsyncClient
) -> None:
    response = await send(column, "/transfers/ach", ACH, "ach_1", **changes)
    assert response.json()["code"] == code
    assert await balances(column) == (100_000, 0)
    assert (await column.get("/transfers/ach")).json()["transfers"] == []


async def test_a_counterparty_is_made_once_and_used_by_id(column: httpx.AsyncClient) -> None:
    party = {"name": "Ada", "account_number": "123456789", "routing_number": "011000015"}
    made = (await send(column, "/counterparties", party, "k1")).json()
    again = (await send(column, "/counterparties", party, "k1")).json()
    assert made["id"] != again["id"]  # no idempotency is documented here
    transfer = await initiate(
        column,
        counterparty_id=made["id"],
        counterparty__name=None,
        counterparty__account_number=None,
        counterparty__routing_number=None,
    )
    assert transfer["counterparty_id"] == made["id"]
    assert (await column.get(f"/counterparties/{made['id']}")).json()["account_last_four"] == "6789"


async def test_cancel_works_until_submission(column: httpx.AsyncClient, control: Control) -> None:
    first, second = await initiate(column, "a"), await initiate(column, "b")
    canceled = await send(column, f"/transfers/ach/{first['id']}/cancel", {}, "c")
    assert canceled.json()["status"] == "CANCELED"
    assert await balances(column) == (98_000, 0)
    await control.advance(to="2026-11-23T15:30:00Z")
    refused = await send(column, f"/transfers/ach/{second['id']}/cancel", {}, "d")
    assert refused.json()["code"] == "ach_transfer_invalid_status"
    assert (await read(column, first))["status"] == "CANCELED"


async def test_a_reversal_brings_the_money_back_when_it_settles(column: httpx.AsyncClient, control: Control) -> None:
    transfer = await initiate(column)
    path = f"/transfers/ach/{transfer['id']}/reverse"
    assert (await send(column, path, {"reason": "duplicate"}, "r")).json()["code"] == "ach_transfer_invalid_status"
    await control.advance(to="2026-11-24T15:00:00Z")
    reversal = (await send(column, path, {"reason": "duplicate"}, "r")).json()
    replay = (await send(column, path, {"reason": "duplicate"}, "r")).json()
    assert replay == reversal
    assert (reversal["type"], reversal["company_entry_description"]) == ("DEBIT", "REVERSAL")
    assert await balances(column) == (98_000, 0)
    await control.advance(to="2026-11-25T15:00:00Z")
    assert await balances(column) == (100_000, 0)


async def test_a_reversal_after_five_banking_days_is_refused(column: httpx.AsyncClient, control: Control) -> None:
    transfer = await initiate(column)
    await control.advance(to="2026-12-02T15:00:00Z")
    response = await send(column, f"/transfers/ach/{transfer['id']}/reverse", {"reason": "duplicate"}, "r")
    assert response.json()["code"] == "reversal_window_closed"


async def test_review_keeps_a_transfer_until_it_is_approved(column: httpx.AsyncClient, control: Control) -> None:
    transfer = await initiate(column, counterparty__account_number="990009600")
    await control.advance(to="2026-11-30T15:00:00Z")
    assert (await read(column, transfer))["status"] == "MANUAL_REVIEW"
    await control.post(f"/column/ach/{transfer['id']}/approve")
    await control.advance(to="2026-11-30T22:00:00Z")
    assert (await read(column, transfer))["status"] == "SETTLED"


async def test_the_bank_may_cancel_instead_of_submitting(column: httpx.AsyncClient, control: Control) -> None:
    transfer = await initiate(column, counterparty__account_number="990009700")
    await control.advance(to="2026-11-24T15:00:00Z")
    assert (await read(column, transfer))["status"] == "CANCELED"
    assert await balances(column) == (100_000, 0)


async def test_control_settles_at_once(column: httpx.AsyncClient, control: Control) -> None:
    transfer = await initiate(column)
    assert (await control.post(f"/column/ach/{transfer['id']}/settle"))["status"] == "SETTLED"
    assert (await control.client.post(f"/column/ach/{transfer['id']}/settle")).status_code == 409


async def test_what_comes_in_can_be_sent_back_once(column: httpx.AsyncClient, control: Control) -> None:
    debit = await control.post("/column/ach/incoming", bank_account_id="bacc_fs_main", type="DEBIT", amount=500)
    assert await balances(column) == (99_500, 0)
    path = f"/transfers/ach/{debit['id']}/return"
    assert (await send(column, path, {"return_code": "R08"}, "k")).json()["status"] == "RETURNED"
    assert (await send(column, path, {"return_code": "R08"}, "k")).json()["code"] == "ach_transfer_invalid_status"
    assert await balances(column) == (100_000, 0)


async def test_institutions_are_known_by_their_routing_number(column: httpx.AsyncClient) -> None:
    found = (await column.get("/institutions/011000015")).json()
    assert (found["full_name"], found["ach_eligible"]) == ("FEDERAL RESERVE BANK OF BOSTON", True)
    assert (await column.get("/institutions/011000016")).json()["code"] == "invalid_routing_number"
    assert (await column.get("/institutions/099000008")).status_code == 404
