"""ACH payouts from a wallet: accepted is not settled, and settled is not the end."""

from typing import Any

import httpx
import pytest

from tests.sandbox.chek.people import People
from tests.sandbox.speakers import Control


async def test_a_payout_names_the_user_and_takes_the_money_at_once(people: People) -> None:
    user = await people.payable(1_000)
    payment = (await people.pay(user, 400, memo="child 7 intent 9")).json()
    assert (payment["status"], payment["amount"], type(payment["payment_id"])) == ("Pending", 400, str)
    assert (payment["user"]["id"], payment["program"]["id"], payment["funding_source"]) == (user, 501, "wallet")
    assert await people.wallet(user) == 600
    [listed] = await people.payments(user)
    assert (listed["payment_id"], listed["internal_memo"]) == (payment["payment_id"], "child 7 intent 9")


async def test_the_direct_pay_accounts_own_id_is_not_taken_for_the_user(
    people: People, chek: httpx.AsyncClient
) -> None:
    user = await people.payable(1_000)
    account = (await chek.get(f"users/{user}/")).json()["directpay"]["id"]
    assert (await chek.post(f"directpay_accounts/{account}/send_payment/", json={})).status_code == 404


async def test_the_same_payout_twice_pays_twice(people: People) -> None:
    user = await people.payable(1_000)
    for _ in range(2):
        await people.pay(user, 400)
    assert (await people.wallet(user), len(await people.payments(user))) == (200, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 1_001},
        {"amount": 0},
        {"amount": 66_600},
        {"type": "wire"},
        {"funding_source": "card"},
        {"program_id": "501"},
        {"program_id": 999},
        {"surprise": "x"},
    ],
)
async def test_a_refused_payout_moves_nothing(changes: dict[str, Any], people: People) -> None:
    user = await people.payable(1_000)
    assert (await people.pay(user, changes.pop("amount", 100), **changes)).status_code in (400, 404)
    assert (await people.wallet(user), await people.payments(user)) == (1_000, [])


@pytest.mark.parametrize("status", ["Invited", "Inactive"])
async def test_only_an_active_account_is_paid(status: str, people: People, chek: httpx.AsyncClient) -> None:
    user = await people.user(1_000)
    await chek.post("directpay_accounts/invite/", json={"user_id": user})
    if status == "Inactive":
        await people.control.put(f"/chek/users/{user}/directpay", status=status)
    assert (await people.pay(user, 100)).status_code == 400
    assert await people.wallet(user) == 1_000


async def test_a_payout_settles_on_its_day(people: People, control: Control) -> None:
    user = await people.payable(1_000)
    await people.pay(user, 400)
    await control.advance(to="2026-11-23T22:59:00Z")
    assert (await people.payments(user))[0]["status"] == "Pending"
    await control.advance(to="2026-11-23T23:00:00Z")
    assert (await people.payments(user))[0]["status"] == "Completed"


async def test_a_magic_amount_comes_back_to_the_wallet(people: People, control: Control) -> None:
    user = await people.payable(100_000)
    await people.pay(user, 66_603)
    await control.advance(to="2026-11-25T12:59:00Z")
    assert await people.wallet(user) == 33_397
    await control.advance(to="2026-11-25T13:00:00Z")
    [payment] = await people.payments(user)
    assert (payment["status"], payment["return_code"]) == ("Returned", "R03")
    assert await people.wallet(user) == 100_000


async def test_control_returns_a_payout_once(people: People, control: Control) -> None:
    user = await people.payable(1_000)
    payment = (await people.pay(user, 400)).json()["payment_id"]
    await control.post(f"/chek/payments/{payment}/settle")
    await control.post(f"/chek/payments/{payment}/return", code="R02")
    again = await control.client.post(f"/chek/payments/{payment}/return", json={"code": "R02"})
    assert again.status_code == 409
    assert await people.wallet(user) == 1_000


async def test_a_lost_payout_answer_is_found_by_its_memo(people: People, control: Control) -> None:
    user = await people.payable(1_000)
    await control.fault("chek", "cut_after", operation="directpay.send_payment")
    with pytest.raises(httpx.RemoteProtocolError):
        await people.pay(user, 400, memo="intent 9")
    assert [payment["internal_memo"] for payment in await people.payments(user)] == ["intent 9"]
    [entry] = await control.journal(operation="directpay.send_payment")
    assert (entry["reference"], entry["took_effect"], entry["answered"]) == ("intent 9", True, "connection cut")
