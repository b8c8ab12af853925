"""Stories of lost answers: balances say what became of a call, and where they cannot, two people do (S3, S3b, S9)."""

import pytest

from tests.flows.childcare.books import balances, payments, prove
from tests.flows.childcare.town import Town

TRANSFER, PAYOUT, CARD = "users.transfer_balance", "directpay.send_payment", "cards.transfer_balance"
AMOUNT = 30_000


@pytest.mark.parametrize("kind", ["cut_after", "wrong_amount"])
async def test_an_allocation_whose_answer_was_lost_is_found_in_the_wallet_and_not_funded_twice(
    town: Town, kind: str
) -> None:
    family = await town.family()
    child = await town.child(family)
    await town.fault(TRANSFER, kind)
    allocation = await town.allocation(child, AMOUNT)
    assert allocation["funding_state"] == "funded"
    (call,) = allocation["detail"]["money_calls"]
    assert (call["code"], call["times_sent"]) == ("balances_moved", 1)
    assert (await balances(town))["wallet", family.chek_user] == AMOUNT
    await prove(town)


async def test_an_allocation_that_chek_never_saw_is_unfunded_and_funded_by_a_retry(town: Town) -> None:
    child = await town.child(await town.family())
    await town.fault(TRANSFER, "cut_before")
    allocation = await town.allocation(child, AMOUNT)
    assert (allocation["funding_state"], allocation["code"]) == ("unfunded", "balances_unmoved")

    await town.system.post(f"/v1/allocations/{allocation['id']}/retry", {"reason": "it was not done"})

    await town.system.until(f"/v1/allocations/{allocation['id']}", lambda seen: seen["funding_state"] == "funded")
    assert len(await town.sent(TRANSFER)) == 1
    await prove(town)


async def test_an_allocation_is_funded_by_itself_once_chek_is_back(town: Town) -> None:
    child = await town.child(await town.family())
    fault = await town.fault("*", "refuse_connection", count=None)
    allocation = await town.allocation(child, AMOUNT, wait=0)
    path = f"/v1/allocations/{allocation['id']}"
    await town.system.until(path, lambda seen: seen["funding_state"] == "funding")
    await town.system.control.delete(f"/faults/{fault}")
    await town.system.until(path, lambda seen: seen["funding_state"] == "funded")
    await prove(town)


@pytest.mark.parametrize(
    ("method", "operation", "kind"),
    [
        ("ach", TRANSFER, "cut_after"),
        ("ach", PAYOUT, "cut_after"),
        ("ach", PAYOUT, "delay_after"),
        ("card", CARD, "cut_after"),
    ],
)
async def test_a_step_whose_answer_was_lost_is_found_and_the_payment_goes_on(
    town: Town, method: str, operation: str, kind: str
) -> None:
    provider = await town.provider(method)
    allocation = await town.allocation(await town.child(await town.family()))
    lump = await town.lump_sum(allocation, provider, AMOUNT)
    await town.fault(operation, kind, match={"amount": AMOUNT}, delay_ms=1_500 if kind == "delay_after" else 0)

    payment = await town.pay_lump(lump, wait=20)

    assert payment["state"] == "paid"
    assert {call["times_sent"] for call in payment["detail"]["money_calls"]} == {1}
    assert "balances_moved" in [call["code"] for call in payment["detail"]["money_calls"]]
    if operation == PAYOUT:
        assert payment["payment"]["chek_id"] == (await payments(town))[0]["payment_id"]
    await prove(town, provider)


async def test_a_payout_that_chek_never_saw_stops_and_is_paid_once_by_a_retry(town: Town) -> None:
    provider = await town.provider("ach")
    allocation = await town.allocation(await town.child(await town.family()))
    lump = await town.lump_sum(allocation, provider, AMOUNT)
    await town.fault(PAYOUT, "http_500_before")
    payment = await town.pay_lump(lump)
    assert (payment["state"], payment["code"]) == ("payout_stopped", "balances_unmoved")

    await town.ask(payment, "retry")

    await town.until(payment, "paid")
    assert [line["amount"] for line in await payments(town)] == [AMOUNT]
    await prove(town, provider)


@pytest.mark.parametrize("outcome", ["applied", "refused"])
async def test_where_the_balances_cannot_tell_one_person_proposes_and_another_confirms(
    town: Town, outcome: str
) -> None:
    provider = await town.provider("ach")
    allocation = await town.allocation(await town.child(await town.family()))
    lump = await town.lump_sum(allocation, provider, AMOUNT)
    await town.fault(PAYOUT, "cut_after" if outcome == "applied" else "cut_before")
    payment = await town.pay_lump(lump, wait=0)
    path = f"/v1/provider-payments/{payment['id']}"
    await town.system.until(path, lambda seen: [c["state"] for c in seen["detail"]["money_calls"]][1:] == ["unknown"])

    await town.moved_by_others({"kind": "outside"}, {"kind": "wallet", "id": provider.chek_user}, 700)

    seen = await town.system.until(
        path, lambda seen: [c["state"] for c in seen["detail"]["money_calls"]][1:] == ["needs_person"]
    )
    call = seen["detail"]["money_calls"][1]
    assert [case["kind"] for case in seen["detail"]["cases"]] == ["needs_person"]
    await resolve(town, call["id"], outcome)
    ended = await town.until(payment, "paid" if outcome == "applied" else "payout_stopped")
    assert len(await payments(town)) == (outcome == "applied")
    cases = {case["kind"]: case["state"] for case in ended["detail"]["cases"]}
    # what did not move is stopped until an operator decides whether it shall
    assert cases == ({"needs_person": "closed"} | ({"stopped": "open"} if outcome == "refused" else {}))
    if outcome == "refused":
        await town.ask(payment, "retry")
    else:
        payment = await town.pay_lump(await town.lump_sum(allocation, provider, 5_000), wait=0)
    await town.accept_balances(payment)
    paid = await town.until(payment, "paid")
    assert "open" not in [case["state"] for case in paid["detail"]["cases"]]
    await prove(town, provider)


async def resolve(town: Town, call_id: str, outcome: str) -> None:
    """One operator proposes; nobody confirms what he proposed himself; another operator confirms."""
    proposed = await town.system.post(
        f"/v1/money-calls/{call_id}/resolve",
        {"outcome": outcome, "evidence": "Chek's support looked at the payment list"},
    )
    confirmation = {"seen": proposed["proposal"]["seen"]}
    own = await town.system.api.post(f"/v1/money-calls/{call_id}/confirm", json=confirmation)
    assert own.status_code == 403
    confirmed = await town.system.other_operator.post(f"/v1/money-calls/{call_id}/confirm", json=confirmation)
    assert confirmed.is_success, confirmed.text
