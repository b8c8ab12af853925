"""Stories of paying a provider: programme to family, family to provider, provider to bank or card (seed 004)."""

from typing import Any

from tests.flows.childcare.books import balances, payments, prove
from tests.flows.childcare.town import Town


async def test_care_days_are_paid_to_the_bank_account_in_two_steps(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    child = await town.child(family)
    allocation = await town.allocation(child)
    assert allocation["funding_state"] == "funded"
    assert (await balances(town))["wallet", family.chek_user] == 100_000
    await town.rate(provider, child)
    days = [
        *await town.care_days(allocation, provider, 3, 4),
        *await town.care_days(allocation, provider, 5, kind="half"),
    ]

    payment = await town.pay(days)

    assert (payment["state"], payment["amount"], payment["method"]) == ("paid", 13_000, "ach")
    assert [(call["step"], call["operation"], call["state"]) for call in payment["detail"]["money_calls"]] == [
        ("fund", "wallet_to_wallet", "applied"),
        ("pay_out", "send_payment", "applied"),
    ]
    assert [(line["amount"], line["status"]) for line in await payments(town)] == [(13_000, "Pending")]
    assert payment["payment"]["chek_id"] == (await payments(town))[0]["payment_id"]
    assert [attempt["state"] for attempt in payment["attempts"]] == ["succeeded"]
    seen = await town.system.get(f"/v1/allocations/{allocation['id']}")
    assert (seen["selected_cents"], seen["paid_cents"], seen["remaining_unpaid_cents"]) == (13_000, 13_000, 87_000)
    listed = await town.system.get(f"/v1/care-days?allocation_id={allocation['id']}")
    assert {day["state"] for day in listed["data"]} == {"paid"}
    await prove(town, provider)


async def test_a_lump_sum_is_paid_to_the_card(town: Town) -> None:
    family, provider = await town.family(), await town.provider("card")
    allocation = await town.allocation(await town.child(family))

    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 25_000))

    assert (payment["state"], payment["method"]) == ("paid", "card")
    assert [call["operation"] for call in payment["detail"]["money_calls"]] == ["wallet_to_wallet", "allocate_to_card"]
    held: dict[Any, int] = await balances(town)
    assert held["wallet", family.chek_user] == 75_000
    assert held["wallet", provider.chek_user] == 0
    assert [balance for (kind, _), balance in held.items() if kind == "card"] == [25_000]
    await prove(town, provider)
