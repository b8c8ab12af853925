"""Stories of wallets that several share, and of money that others moved (S6, S11, S13 and the shared wallet)."""

import asyncio
from collections import Counter

from domain.ids import new_id
from tests.flows.childcare.books import balances, payments, prove
from tests.flows.childcare.town import Town

TRANSFER, PAYOUT = "users.transfer_balance", "directpay.send_payment"


async def test_siblings_share_a_wallet_but_not_their_money(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    first = await town.allocation(await town.child(family, 1), 30_000)
    second = await town.allocation(await town.child(family, 2), 50_000)
    assert (await balances(town))["wallet", family.chek_user] == 80_000
    over = await town.system.api.post(
        "/v1/lump-sums",
        json={"allocation_id": first["id"], "provider_id": provider.id, "amount": 30_001, "currency": "USD", "days": 1},
        headers={"Idempotency-Key": "over"},
    )
    assert (over.status_code, over.json()["code"]) == (422, "over_budget")

    payment = await town.pay_lump(await town.lump_sum(first, provider, 30_000))

    assert payment["state"] == "paid"
    left = await town.system.get(f"/v1/allocations/{second['id']}")
    assert left["remaining_unpaid_cents"] == 50_000
    await prove(town, provider)


async def test_two_payments_to_one_provider_wait_for_the_wallet_and_both_are_paid(town: Town) -> None:
    provider = await town.provider("ach")
    lumps = []
    for amount in (10_000, 20_000):
        allocation = await town.allocation(await town.child(await town.family()), 50_000)
        lumps.append(await town.lump_sum(allocation, provider, amount))
    await town.fault(TRANSFER, "cut_before", match={"amount": 10_000})

    first = await town.pay_lump(lumps[0], wait=0)
    await town.until(first, "funding")
    second = await town.pay_lump(lumps[1], wait=0)
    path = f"/v1/provider-payments/{second['id']}"
    # the first one's request is in doubt until balances prove that it was never done
    await town.system.until(path, lambda seen: seen["detail"]["waiting_for"] == "wallet")

    assert (await town.until(second, "paid"))["detail"]["waiting_for"] is None
    await town.until(first, "funding_stopped")
    await town.ask(first, "retry")
    await town.until(first, "paid")
    assert sorted(line["amount"] for line in await payments(town)) == [10_000, 20_000]
    await prove(town, provider)


async def test_a_payment_that_waits_is_paid_by_the_method_chosen_meanwhile(town: Town) -> None:
    provider = await town.provider("card")
    allocations = [await town.allocation(await town.child(await town.family()), 50_000) for _ in range(2)]
    lumps = [await town.lump_sum(each, provider, 10_000 + n) for n, each in enumerate(allocations)]
    await town.fault(TRANSFER, "cut_before", match={"amount": 10_000})
    first = await town.pay_lump(lumps[0], wait=0)
    await town.until(first, "funding")
    second = await town.pay_lump(lumps[1], wait=0)
    path = f"/v1/provider-payments/{second['id']}"
    await town.system.until(path, lambda seen: seen["detail"]["waiting_for"] == "wallet")

    await town.system.post(f"/v1/providers/{provider.id}/payment-settings", {"method": "ach"})

    paid = await town.until(second, "paid")
    assert paid["method"] == paid["payment"]["method"] == "ach"
    await town.until(first, "funding_stopped")
    await town.ask(first, "retry")
    assert (await town.until(first, "paid"))["method"] == "ach"
    assert sorted(line["amount"] for line in await payments(town)) == [10_000, 10_001]
    await prove(town, provider)


async def test_a_month_allocated_three_times_at_once_is_one_allocation_and_one_move(town: Town) -> None:
    child = await town.child(await town.family())
    made = await asyncio.gather(
        *(
            town.system.api.post(
                "/v1/allocations",
                json={"child_id": child, "month": town.month.isoformat(), "amount": 50_000, "currency": "USD"},
                headers={"Idempotency-Key": f"allocation-{n}"},
            )
            for n in range(3)
        )
    )
    # who comes while another is written is told to come again
    assert {answer.status_code for answer in made} <= {200, 202, 409}
    assert len({answer.json()["id"] for answer in made if answer.is_success}) == 1
    allocation = await town.allocation(child, 50_000)
    assert allocation["funding_state"] == "funded"
    assert len(await town.sent(TRANSFER)) == 1
    await prove(town)


async def test_a_person_who_is_family_and_provider_has_one_wallet_and_its_parts_add_up(town: Town) -> None:
    neighbour = await town.family()
    both = await town.chek_user()
    family, provider = await town.family(both), await town.provider("ach", both)
    own = await town.allocation(await town.child(family), 40_000)
    other = await town.allocation(await town.child(neighbour), 60_000)

    payment = await town.pay_lump(await town.lump_sum(other, provider, 15_000))

    assert payment["state"] == "paid"
    assert (await balances(town))["wallet", both] == 40_000
    himself = await town.system.api.post(
        "/v1/provider-payments",
        json={"lump_sum_id": await town.lump_sum(own, provider, 1_000)},
        headers={"Idempotency-Key": "himself"},
    )
    assert (himself.status_code, himself.json()["code"]) == (409, "payer_is_payee")
    await prove(town, provider)


async def test_the_same_days_submitted_twenty_times_at_once_are_paid_once(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    child = await town.child(family)
    allocation = await town.allocation(child)
    await town.rate(provider, child)
    days = await town.care_days(allocation, provider, 3, 4, 5)

    answers = await asyncio.gather(*(town.pay(days, wait=0) for _ in range(20)))

    assert len({answer["id"] for answer in answers}) == 1
    await town.until(answers[0], "paid")
    assert [line["amount"] for line in await payments(town)] == [15_000]
    some = await town.system.api.post(
        "/v1/provider-payments", json={"care_day_ids": days[:2]}, headers={"Idempotency-Key": "some"}
    )
    assert (some.status_code, some.json()["code"]) == (409, "item_in_payment")
    await prove(town, provider)


async def test_lump_sums_racing_for_one_budget_pay_exactly_what_fits(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family), 100_000)
    body = {
        "allocation_id": allocation["id"],
        "provider_id": provider.id,
        "amount": 30_000,
        "currency": "USD",
        "days": 1,
        "submit": True,
    }

    answers = await asyncio.gather(
        *(
            town.system.api.post("/v1/lump-sums", json=body, headers={"Idempotency-Key": new_id().hex})
            for _ in range(20)
        )
    )

    assert Counter(answer.status_code for answer in answers) == {201: 3, 422: 17}
    seen = await town.system.get(f"/v1/allocations/{allocation['id']}")
    assert (seen["selected_cents"], seen["remaining_unselected_cents"]) == (90_000, 10_000)
    for answer in answers:
        if answer.is_success:
            await town.until({"id": answer.json()["provider_payment_id"]}, "paid")
    assert [line["amount"] for line in await payments(town)] == [30_000] * 3
    assert (await balances(town))["wallet", family.chek_user] == 10_000
    await prove(town, provider)


async def test_days_and_lump_sums_share_one_budget_and_a_short_budget_pays_a_part_of_a_day(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    child = await town.child(family)
    allocation = await town.allocation(child, 52_000)
    await town.rate(provider, child)
    lump = await town.lump_sum(allocation, provider, 50_000)
    (day,) = await town.care_days(allocation, provider, 3)
    partial = await town.system.get(f"/v1/care-days/{day}")
    assert (partial["rate"], partial["amount"], partial["missing"]) == (5_000, 2_000, 3_000)
    await town.system.api.delete(f"/v1/lump-sums/{lump}")
    assert (await town.pay([day]))["amount"] == 2_000
    gone = await town.system.api.delete(f"/v1/care-days/{day}")
    assert (gone.status_code, gone.json()["code"]) == (409, "item_in_payment")
    await prove(town, provider)


async def test_a_wallet_that_agrees_again_needs_no_booking_only_another_look(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family))
    wallet, outside = {"kind": "wallet", "id": provider.chek_user}, {"kind": "outside"}
    await town.moved_by_others(outside, wallet, 400)
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 30_000), wait=0)
    await town.differing(payment)

    await town.moved_by_others(wallet, outside, 400)
    await town.ask(payment, "retry")

    paid = await town.until(payment, "paid")
    assert [(case["kind"], case["state"]) for case in paid["detail"]["cases"]] == [("books_differ", "closed")]
    assert [call["ordinal"] for call in paid["detail"]["money_calls"]] == [1, 1]
    await prove(town, provider)


async def test_money_that_others_moved_stops_the_payment_until_an_operator_has_it_booked(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family))
    lump = await town.lump_sum(allocation, provider, 30_000)
    await town.moved_by_others({"kind": "wallet", "id": family.chek_user}, {"kind": "outside"}, 2_500)
    await town.moved_by_others({"kind": "outside"}, {"kind": "wallet", "id": provider.chek_user}, 400)

    payment = await town.pay_lump(lump, wait=0)

    await town.until(payment, "funding")
    seen = await town.differing(payment)
    assert len(await town.sent(TRANSFER)) == 1, "only the allocation was funded"
    wrong = await town.system.api.post(
        f"/v1/provider-payments/{payment['id']}/accept-balances",
        json={"reason": "guessed", "balances": {f"user:{family.chek_user}": 97_000}},
        headers={"Idempotency-Key": "guess"},
    )
    assert (wrong.status_code, wrong.json()["code"]) == (409, "evidence_mismatch")
    await town.accept_balances(payment)
    assert seen == {f"user:{family.chek_user}": 97_500, f"user:{provider.chek_user}": 400}

    paid = await town.until(payment, "paid")

    assert [(call["step"], call["state"]) for call in paid["detail"]["money_calls"]] == [
        ("fund", "refused"),
        ("fund", "applied"),
        ("pay_out", "applied"),
    ]
    kinds = {line["kind"] for line in paid["detail"]["ledger_lines"]}
    assert "moved_by_others" in kinds
    await prove(town, provider)
