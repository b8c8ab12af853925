"""What PayPal takes for a payout beside it: booked when PayPal tells it, so that our balance there is PayPal's."""

from domain.reimbursement_lines import BANK_FEES, PAYPAL
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_paypal import taken_in
from tests.flows.reimbursements.test_reconciliation import look


async def test_what_paypal_charges_for_a_payout_is_the_houses_expense_and_the_payee_gets_the_whole(
    people: People,
) -> None:
    await people.system.control.put("/paypal/fee", json={"cents": 25})
    first, second = await taken_in(people), await people.approved(3_000)
    await people.until(second, "sent")
    for item in await people.items():
        await people.item_becomes(item, "SUCCESS")

    for report_id in (first, second):
        report = await people.until(report_id, "settled")
        assert report["payout"]["attempts"][0]["fee"] == 25
    assert (await people.booked(PAYPAL), await people.booked(BANK_FEES)) == (50_000 - 9_000 - 50, 50)
    await people.prove_books()
    assert (await look(people))["unknown"] == 0

    # what comes back brings no fee with it, unless PayPal says so
    paid, given_back = await people.items()
    await people.item_becomes(paid, "REFUNDED", "RECEIVER_REFUSED")
    await people.until(first, "returned")
    assert (await people.booked(PAYPAL), await people.booked(BANK_FEES)) == (50_000 - 3_000 - 50, 50)
    await people.system.control.put("/paypal/fee", json={"cents": 25, "given_back": True})
    await people.item_becomes(given_back, "REFUNDED", "RECEIVER_REFUSED")
    await people.until(second, "returned")
    assert (await people.booked(PAYPAL), await people.booked(BANK_FEES)) == (50_000 - 25, 25)
    await people.reverse(first)


async def test_an_item_that_fails_costs_nothing_and_one_that_is_not_claimed_does(people: People) -> None:
    await people.system.control.put("/paypal/fee", json={"cents": 25})
    report_id = await taken_in(people, email="unclaimed@example.test")
    (item,) = await people.items()
    await people.item_becomes(item, "UNCLAIMED")
    path = f"/v1/reports/{report_id}"
    await people.system.until(path, lambda seen: seen["payout"]["attempts"][0]["stage"] == "unclaimed")
    await people.prove_books()
    await people.item_becomes(item, "RETURNED", "RECEIVER_UNREGISTERED")
    await people.until(report_id, "returned")
    await people.ask(report_id, "retry")
    await people.until(report_id, "sent")

    _, again = await people.items()
    await people.item_becomes(again, "FAILED", "RECEIVER_ACCOUNT_LOCKED")

    report = await people.until(report_id, "returned")
    assert [attempt["fee"] for attempt in report["payout"]["attempts"]] == [25, 0]
    assert (await people.booked(PAYPAL), await people.booked(BANK_FEES)) == (50_000 - 25, 25)
