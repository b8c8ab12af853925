"""Stories of payouts at the bank: accepted is not settled, and what comes back is paid again, or given back."""

from typing import Any

from tests.flows.childcare.books import balances, payments, prove
from tests.flows.childcare.town import Person, Town

PAYOUT = "directpay.send_payment"


async def paid_out(town: Town, amount: int = 30_000) -> tuple[Person, Person, dict[str, Any]]:
    """A lump sum that Chek took in for the provider's bank."""
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family))
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, amount))
    assert payment["state"] == "paid"
    return family, provider, payment


async def returned(town: Town, code: str = "R02") -> tuple[Person, Person, dict[str, Any]]:
    """The same, sent back by the bank and noticed."""
    family, provider, payment = await paid_out(town)
    await town.at_the_bank(payment["payment"]["chek_id"], "return", code=code)
    assert (await town.watch_payouts())["returned"] == 1
    return family, provider, await town.until(payment, "returned")


async def test_a_payout_is_settled_once_the_bank_has_it_and_may_still_come_back(town: Town) -> None:
    _, provider, payment = await paid_out(town)
    assert (await town.watch_payouts())["settled"] == 0, "pending says nothing"
    await town.at_the_bank(payment["payment"]["chek_id"], "settle")

    assert (await town.watch_payouts())["settled"] == 1
    assert (await town.watch_payouts())["settled"] == 0, "once"
    settled = await town.until(payment, "settled")
    assert settled["payment"]["settled_at"] is not None
    await prove(town, provider)

    await town.at_the_bank(payment["payment"]["chek_id"], "return", code="R03")
    await town.watch_payouts()
    back = await town.until(payment, "returned")
    assert (back["code"], back["who_must_act"], back["payment"]["return_code"]) == ("R03", "payee", "R03")
    allocation = await town.system.get(f"/v1/allocations/{payment['allocation_id']}")
    assert (allocation["paid_cents"], allocation["selected_cents"]) == (0, 30_000)
    assert (await balances(town))["wallet", provider.chek_user] == 30_000
    assert [case["kind"] for case in back["detail"]["cases"]] == ["payout_returned"]
    await prove(town, provider)


async def test_what_came_back_is_paid_again_from_the_wallet_it_came_back_to(town: Town) -> None:
    _, provider, payment = await returned(town)

    await town.ask(payment, "retry")

    again = await town.until(payment, "paid")
    assert again["payment"]["chek_id"] != payment["payment"]["chek_id"]
    assert [attempt["number"] for attempt in again["attempts"]] == [1, 2]
    assert len(await town.sent("users.transfer_balance")) == 2, "the family paid once"
    assert sorted(line["status"] for line in await payments(town)) == ["Pending", "Returned"]
    assert again["detail"]["cases"][0]["state"] == "closed"
    assert (await town.watch_payouts())["returned"] == 0, "the earlier return is over"
    await prove(town, provider)


async def test_what_came_back_goes_to_the_card_once_the_provider_chooses_it(town: Town) -> None:
    _, provider, payment = await returned(town, "R03")

    await town.system.post(f"/v1/providers/{provider.id}/payment-settings", {"method": "card"})

    again = await town.until(payment, "paid")
    assert again["payment"]["method"] == "card"
    await prove(town, provider)


async def test_what_came_back_is_given_back_and_the_lump_sum_paid_by_another_payment(town: Town) -> None:
    family, provider, payment = await returned(town)
    (item,) = payment["items"]
    seen = await town.system.get(f"/v1/lump-sums/{item['lump_sum_id']}")
    assert seen["state"] == "returned"

    await town.ask(payment, "cancel")

    await town.until(payment, "given_back")
    assert (await balances(town))["wallet", family.chek_user] == 100_000
    another = await town.pay_lump(item["lump_sum_id"])
    assert (another["state"], another["id"] != payment["id"]) == ("paid", True)
    await prove(town, provider)


async def test_a_return_that_others_stumbled_upon_is_booked_and_they_go_on_by_themselves(town: Town) -> None:
    family, provider, payment = await paid_out(town)
    await town.at_the_bank(payment["payment"]["chek_id"], "return", code="R01")
    sibling = await town.allocation(await town.child(family, 2), 50_000)
    other = await town.pay_lump(await town.lump_sum(sibling, provider, 20_000), wait=0)
    await town.differing(other)

    report = await town.watch_payouts()

    assert (report["returned"], report["replanned"]) == (1, 1)
    done = await town.until(other, "paid")
    assert {case["state"] for case in done["detail"]["cases"]} == {"closed"}
    await prove(town, provider)


async def test_a_payout_whose_id_is_not_known_is_recognized_by_its_memo(town: Town) -> None:
    family, provider = await town.family(), await town.provider("ach")
    allocation = await town.allocation(await town.child(family))
    await town.fault(PAYOUT, "cut_after")
    payment = await town.pay_lump(await town.lump_sum(allocation, provider, 30_000))
    assert payment["state"] == "paid"
    (line,) = await payments(town)
    await town.at_the_bank(line["payment_id"], "settle")

    assert (await town.watch_payouts())["settled"] == 1

    await prove(town, provider)


async def test_a_payout_that_does_not_settle_in_time_is_put_before_a_person_once(town: Town) -> None:
    _, _, payment = await paid_out(town)
    await town.fault("directpay.get", "http_500_before", count=None)
    await town.advance(8)

    first = await town.watch_payouts()

    assert (first["unread"], first["cases"]) == (1, 1)
    assert (await town.watch_payouts())["cases"] == 0
    seen = await town.system.get(f"/v1/provider-payments/{payment['id']}")
    assert [case["kind"] for case in seen["detail"]["cases"]] == ["payout_overdue"]
