"""Stories of payments that stop: what was refused is done again, what was done is not (seed 004, S2 to S10)."""

from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from contracts.flow import Ask, CommandAnswer
from domain.ids import parse_public_id
from settings import Settings
from tests.flows.childcare.books import balances, payments, prove
from tests.flows.childcare.town import Person, Town

TRANSFER, PAYOUT, CARD = "users.transfer_balance", "directpay.send_payment", "cards.transfer_balance"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Something happens while Chek is asked: its answer is waited for, also on a busy machine."""
    chek = settings.chek.model_copy(update={"http_timeout_seconds": 20.0})
    money_call = settings.money_call.model_copy(update={"send_window_seconds": 21.0})
    return settings.model_copy(update={"chek": chek, "money_call": money_call})


async def stopped_at_payout(town: Town, amount: int = 30_000) -> tuple[Person, Person, dict[str, Any]]:
    """A payment whose money is in the provider's wallet when the bank account turns out to be closed."""
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family))
    lump = await town.lump_sum(allocation, provider, amount)
    closing = await town.just_before(TRANSFER, amount, lambda: town.bank_account(provider.chek_user, "Inactive"))
    payment = await town.pay_lump(lump)
    await closing
    assert (payment["state"], payment["code"]) == ("payout_stopped", "method_inactive")
    assert payment["who_must_act"] == "payee"
    (case,) = payment["detail"]["cases"]
    assert (case["kind"], case["state"]) == ("stopped", "open"), "the provider has no address: an operator tells them"
    return family, provider, payment


async def test_a_method_that_is_not_active_stops_the_payment_before_any_money_moves(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach", active=False)
    allocation = await town.allocation(await town.child(family))
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 30_000))
    assert (payment["state"], payment["code"]) == ("funding_stopped", "method_missing")
    assert payment["detail"]["money_calls"] == []
    assert len(await town.sent(TRANSFER)) == 1, "programme to family, and nothing else"
    (listed,) = (await town.system.get("/v1/provider-payments?state=funding_stopped"))["data"]
    assert (listed["id"], listed["code"], listed["who_must_act"]) == (payment["id"], "method_missing", "payee")
    assert [item["state"] for item in (await town.system.get("/v1/lump-sums"))["data"]] == ["reserved"]

    await town.bank_account(provider.chek_user, "Active")
    await town.ask(payment, "retry")

    assert (await town.until(payment, "paid"))["code"] is None
    await prove(town, provider)


async def test_a_payout_that_stopped_is_done_again_without_a_second_move_from_the_family(town: Town) -> None:
    _, provider, payment = await stopped_at_payout(town)
    assert (await balances(town))["wallet", provider.chek_user] == 30_000
    allocation = await town.system.get(f"/v1/allocations/{payment['allocation_id']}")
    assert allocation["paid_cents"] == 0, "nothing counts as paid before the payout"
    assert [item["state"] for item in (await town.system.get("/v1/lump-sums"))["data"]] == ["paying"]

    await town.bank_account(provider.chek_user, "Active")
    await town.ask(payment, "retry")

    paid = await town.until(payment, "paid")
    assert len(await town.sent(TRANSFER)) == 2
    assert [line["amount"] for line in await payments(town)] == [30_000]
    assert [attempt["state"] for attempt in paid["attempts"]] == ["failed", "succeeded"]
    assert [case["state"] for case in paid["detail"]["cases"]] == ["closed"]
    assert paid["attempts"][0]["wallet_money_call_id"] == paid["attempts"][1]["wallet_money_call_id"]
    await prove(town, provider)


async def test_a_stopped_payout_goes_on_by_the_method_that_the_provider_chooses(town: Town) -> None:
    _, provider, payment = await stopped_at_payout(town)
    await town.system.post(f"/v1/providers/{provider.id}/payment-settings", {"method": "card"})
    paid = await town.until(payment, "paid")
    assert paid["method"] == paid["payment"]["method"] == "card"
    assert await payments(town) == []
    assert len(await town.sent(TRANSFER)) == 2
    assert [balance for (kind, _), balance in (await balances(town)).items() if kind == "card"] == [30_000]
    await prove(town, provider)


async def test_a_payment_that_stopped_before_any_money_moved_goes_on_by_the_method_chosen_then(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach", active=False)
    allocation = await town.allocation(await town.child(family))
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 30_000))
    assert (payment["state"], payment["code"]) == ("funding_stopped", "method_missing")
    await town.system.post(f"/v1/providers/{provider.id}/payment-settings", {"method": "card"})
    paid = await town.until(payment, "paid")
    assert paid["method"] == paid["payment"]["method"] == "card"
    assert await payments(town) == []
    await prove(town, provider)


async def test_a_payout_that_chek_refuses_is_done_again_under_the_next_ordinal(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family))
    lump = await town.lump_sum(allocation, provider, 30_000)
    closing = await town.just_before(PAYOUT, 30_000, lambda: town.bank_account(provider.chek_user, "Inactive"))
    payment = await town.pay_lump(lump)
    await closing
    assert (payment["state"], payment["code"]) == ("payout_stopped", "chek_400")

    await town.bank_account(provider.chek_user, "Active")
    await town.ask(payment, "retry")

    paid = await town.until(payment, "paid")
    calls = [(call["step"], call["ordinal"], call["state"]) for call in paid["detail"]["money_calls"]]
    assert calls == [("fund", 1, "applied"), ("pay_out", 1, "refused"), ("pay_out", 2, "applied")]
    await prove(town, provider)


async def test_cancelling_before_money_moved_lets_the_days_be_paid_by_another_payment(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach", active=False)
    child = await town.child(family)
    allocation = await town.allocation(child)
    await town.rate(provider, child)
    days = await town.care_days(allocation, provider, 3, 4)
    payment = await town.pay(days)
    assert payment["state"] == "funding_stopped"

    await town.ask(payment, "cancel")

    cancelled = await town.until(payment, "cancelled")
    assert {item["released"] for item in cancelled["items"]} == {True}
    await town.bank_account(provider.chek_user, "Active")
    again = await town.pay(days)
    assert again["id"] != payment["id"]
    assert again["state"] == "paid"
    await prove(town, provider)


async def test_cancelling_after_the_money_moved_gives_it_back_to_the_childs_allocation(town: Town) -> None:
    family, provider, payment = await stopped_at_payout(town)
    await town.ask(payment, "cancel")
    given_back = await town.until(payment, "given_back")
    assert [call["operation"] for call in given_back["detail"]["money_calls"]] == [
        "wallet_to_wallet",
        "return_to_family",
    ]
    assert (await balances(town))["wallet", family.chek_user] == 100_000
    assert given_back["payment"] is None
    await prove(town, provider)


async def test_a_funding_that_chek_refuses_leaves_the_allocation_visibly_unfunded(town: Town) -> None:
    child = await town.child(await town.family())
    allocation = await town.allocation(child, 66_600)
    assert (allocation["funding_state"], allocation["code"]) == ("unfunded", "chek_400")
    listed = await town.system.get("/v1/allocations?funding_state=unfunded")
    assert [item["id"] for item in listed["data"]] == [allocation["id"]]

    await town.system.post(f"/v1/allocations/{allocation['id']}/retry", {"reason": "once more"})

    again = await town.system.until(
        f"/v1/allocations/{allocation['id']}", lambda seen: len(seen["detail"]["money_calls"]) == 2 and seen["code"]
    )
    assert again["funding_state"] == "unfunded"
    await prove(town)


async def test_retry_reaches_the_workflow_as_update_and_as_signal(town: Town) -> None:
    _, provider, payment = await stopped_at_payout(town)
    handle: WorkflowHandle[Any, Any] = town.system.house.temporal.get_workflow_handle(
        f"provider-payment/{parse_public_id('ppay', str(payment['id']), field='id')}"
    )
    answer = await handle.execute_update("method_changed", Ask(reason="asked"), result_type=CommandAnswer)
    assert (answer.accepted, answer.code) == (False, "method_unchanged")
    await town.bank_account(provider.chek_user, "Active")

    await handle.signal("retry", Ask(reason="the bank account is open again"))

    assert (await town.until(payment, "paid"))["method"] == "ach"
    answered = await town.system.api.post(
        f"/v1/provider-payments/{payment['id']}/retry", json={"reason": ""}, headers={"Idempotency-Key": "late"}
    )
    assert (answered.status_code, answered.json()["code"]) == (409, "not_stopped")
    await prove(town, provider)
