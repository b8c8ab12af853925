"""Stories of unused money: it goes back to the programme once, and never takes what is promised or on its way (S13)."""

from typing import Any

import pytest

from domain.ids import new_id
from tests.flows.childcare.books import balances, payments, prove
from tests.flows.childcare.test_stopped import stopped_at_payout
from tests.flows.childcare.town import Town

TRANSFER = "users.transfer_balance"


async def reclaim(town: Town, allocation: dict[str, Any], *, wait: int = 15, **body: Any) -> dict[str, Any]:
    """Take back what is free."""
    asked = {"allocation_id": allocation["id"], "reason": "The month is over.", **body}
    taken: dict[str, Any] = await town.system.post("/v1/reclaims", asked, wait=wait)
    return taken


async def refused(town: Town, allocation: dict[str, Any], **body: Any) -> str:
    """The code with which a reclaim is refused."""
    answer = await town.system.api.post(
        "/v1/reclaims",
        json={"allocation_id": allocation["id"], "reason": "The month is over.", **body},
        headers={"Idempotency-Key": new_id().hex},
    )
    assert not answer.is_success
    return str(answer.json()["code"])


async def test_what_a_month_did_not_use_goes_back_to_the_programme(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family), 100_000)
    sibling = await town.allocation(await town.child(family, 2), 50_000)
    await town.pay_lump(await town.lump_sum(allocation, provider, 30_000))
    before = (await balances(town))["program", 501]

    part = await reclaim(town, allocation, amount=20_000)
    rest = await reclaim(town, allocation)

    assert [(taken["state"], taken["amount"]) for taken in (part, rest)] == [
        ("reclaimed", 20_000),
        ("reclaimed", 50_000),
    ]
    (call,) = rest["detail"]["money_calls"]
    assert (call["operation"], call["state"], call["times_sent"]) == ("reclaim", "applied", 1)
    held = await balances(town)
    assert (held["wallet", family.chek_user], held["program", 501]) == (50_000, before + 70_000)
    seen = await town.system.get(f"/v1/allocations/{allocation['id']}")
    assert (seen["reclaimed_cents"], seen["remaining_unselected_cents"], seen["paid_cents"]) == (70_000, 0, 30_000)
    assert await refused(town, allocation) == "over_budget"
    assert (await town.system.get(f"/v1/allocations/{sibling['id']}"))["remaining_unselected_cents"] == 50_000
    await prove(town, provider)


async def test_a_reclaim_whose_answer_was_lost_is_found_in_the_wallet_and_not_done_twice(town: Town) -> None:
    family = await town.family()
    allocation = await town.allocation(await town.child(family), 40_000)
    await town.fault(TRANSFER, "cut_after")

    taken = await reclaim(town, allocation)

    assert taken["state"] == "reclaimed"
    (call,) = taken["detail"]["money_calls"]
    assert (call["code"], call["times_sent"]) == ("balances_moved", 1)
    assert (await balances(town))["wallet", family.chek_user] == 0
    assert len(await town.sent(TRANSFER)) == 2, "the allocation was funded once and taken back once"
    await prove(town)


async def test_a_reclaim_that_chek_never_saw_stops_and_is_done_once_by_a_retry(town: Town) -> None:
    allocation = await town.allocation(await town.child(await town.family()), 40_000)
    await town.fault(TRANSFER, "cut_before")
    taken = await reclaim(town, allocation, amount=15_000)
    assert (taken["state"], taken["code"]) == ("stopped", "balances_unmoved")

    await town.system.post(f"/v1/reclaims/{taken['id']}/retry", {"reason": "it was not done"})

    await town.system.until(f"/v1/reclaims/{taken['id']}", lambda seen: seen["state"] == "reclaimed")
    assert len(await town.sent(TRANSFER)) == 2
    await prove(town)


@pytest.mark.parametrize("then", ["cancel", "retry"])
async def test_a_reclaim_that_chek_refuses_keeps_its_amount_until_it_is_cancelled(town: Town, then: str) -> None:
    allocation = await town.allocation(await town.child(await town.family()), 100_000)
    path = f"/v1/allocations/{allocation['id']}"
    taken = await reclaim(town, allocation, amount=66_600)
    assert (taken["state"], taken["code"], taken["who_must_act"]) == ("stopped", "chek_400", "operator")
    assert [(case["kind"], case["state"]) for case in taken["detail"]["cases"]] == [("stopped", "open")]
    assert (await town.system.get(path))["remaining_unselected_cents"] == 33_400

    await town.system.post(f"/v1/reclaims/{taken['id']}/{then}", {"reason": "as the story goes"})

    if then == "cancel":
        ended = await town.system.until(f"/v1/reclaims/{taken['id']}", lambda seen: seen["state"] == "cancelled")
        assert (await town.system.get(path))["remaining_unselected_cents"] == 100_000
        assert [case["state"] for case in ended["detail"]["cases"]] == ["closed"]
    else:
        again = await town.system.until(
            f"/v1/reclaims/{taken['id']}", lambda seen: len(seen["detail"]["money_calls"]) == 2 and seen["code"]
        )
        assert again["state"] == "stopped"
        assert sorted(case["state"] for case in again["detail"]["cases"]) == ["closed", "open"]
    await prove(town)


async def test_money_on_its_way_is_never_taken_back(town: Town) -> None:
    family, provider, payment = await stopped_at_payout(town)
    allocation = await town.system.get(f"/v1/allocations/{payment['allocation_id']}")
    assert await refused(town, allocation, amount=70_001) == "over_budget"

    taken = await reclaim(town, allocation)

    assert (taken["state"], taken["amount"]) == ("reclaimed", 70_000)
    await town.bank_account(provider.chek_user, "Active")
    await town.ask(payment, "retry")
    await town.until(payment, "paid")
    assert [line["amount"] for line in await payments(town)] == [30_000]
    assert (await balances(town))["wallet", family.chek_user] == 0
    await prove(town, provider)


async def test_a_reclaim_and_lump_sums_that_race_for_one_budget_share_it(town: Town) -> None:
    provider = await town.provider("ach")
    allocation = await town.allocation(await town.child(await town.family()), 60_000)
    fault = await town.fault("*", "refuse_connection", count=None)
    taken = await reclaim(town, allocation, wait=0, amount=50_000)
    over = {
        "allocation_id": allocation["id"],
        "provider_id": provider.id,
        "amount": 10_001,
        "currency": "USD",
        "days": 1,
    }
    answer = await town.system.api.post("/v1/lump-sums", json=over, headers={"Idempotency-Key": "over"})
    assert (answer.status_code, answer.json()["code"]) == (422, "over_budget")
    lump = await town.lump_sum(allocation, provider, 10_000)
    await town.system.control.delete(f"/faults/{fault}")

    await town.system.until(f"/v1/reclaims/{taken['id']}", lambda seen: seen["state"] == "reclaimed")

    assert (await town.pay_lump(lump, wait=25))["state"] == "paid"
    await prove(town, provider)
