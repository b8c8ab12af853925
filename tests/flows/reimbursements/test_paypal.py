"""A payout by PayPal: one batch of one item, under a sender_batch_id that PayPal takes once."""

from typing import Any

from sqlalchemy import text

from domain.reimbursement_lines import PAYPAL
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_reconciliation import look, nothing_waits


async def taken_in(people: People, amount: int = 6_000, email: str = "maria@example.test") -> str:
    """A report whose payout PayPal has."""
    await people.top_up(50_000)
    await people.add_way("paypal", default=True, email=email)
    report_id = await people.approved(amount)
    await people.until(report_id, "sent")
    return report_id


async def fault(people: People, operation: str, kind: str, **more: Any) -> None:
    body = {"partner": "paypal", "operation": operation, "kind": kind, **more}
    (await people.system.control.post("/faults", json=body)).raise_for_status()


async def sends(people: People) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await people.system.control.get("/journal?operation=payouts.create")).json()["data"]
    return found


async def test_a_payout_leaves_our_balance_and_is_settled_when_paypal_says_so(people: People) -> None:
    report_id = await taken_in(people)
    (item,) = await people.items()
    assert (item["amount"], item["status"]) == (6_000, "PENDING")
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert report["payout"]["attempts"][0]["rail_id"] == item["batch_id"]
    assert report["state"] == "reimbursing"
    assert (await people.balances(report))["clearing"] == 0
    assert await people.booked(PAYPAL) == 44_000
    await people.prove_books()

    await people.item_becomes(item, "SUCCESS")

    report = await people.until(report_id, "settled")
    assert (report["state"], report["payout"]["attempts"][0]["stage"]) == ("reimbursed", "success")


async def test_a_lost_answer_is_sent_again_and_paypal_names_the_batch_it_has(people: People) -> None:
    await people.system.control.put("/paypal/webhook", json={"hold": True})
    await fault(people, "payouts.create", "cut_after")

    report_id = await taken_in(people)

    received = await sends(people)
    assert [call["took_effect"] for call in received] == [True, False]
    (item,) = await people.items()
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert report["payout"]["attempts"][0]["rail_id"] == item["batch_id"]
    await people.system.control.put("/paypal/webhook", json={"hold": False})


async def test_an_answer_of_which_nothing_follows_for_hours_is_a_case_that_the_end_of_the_doubt_closes(
    people: People,
) -> None:
    await people.system.control.put("/paypal/webhook", json={"hold": True})
    await people.top_up(50_000)
    await people.add_way("paypal", default=True)
    await fault(people, "payouts.create", "http_500_before", count=None)
    report_id = await people.approved(6_000)
    path = f"/v1/reports/{report_id}"
    await people.system.until(path, lambda seen: any(c["state"] == "unknown" for c in seen["detail"]["money_calls"]))

    await people.system.advance_clock(hours=5)

    report = await people.system.until(path, lambda seen: seen["detail"]["cases"])
    (case,) = report["detail"]["cases"]
    assert (case["kind"], case["runbook"]) == (
        "payout_in_doubt",
        "docs/runbooks/payout-failed.md#the-payout-is-in-doubt",
    )
    await people.system.control.delete("/faults")
    report = await people.until(report_id, "sent")
    assert [(case["kind"], case["state"]) for case in report["detail"]["cases"]] == [("payout_in_doubt", "closed")]
    assert len(await people.items()) == 1


async def test_a_word_of_paypal_is_the_proof_of_a_lost_answer(people: People) -> None:
    await fault(people, "payouts.create", "delay_after", delay_ms=1_500)
    await people.top_up(50_000)
    await people.add_way("paypal", default=True)
    report_id = await people.approved(6_000)
    (item,) = await people.system.eventually(people.items)
    await people.item_becomes(item, "SUCCESS")

    await people.until(report_id, "settled")
    assert len(await people.items()) == 1


async def test_a_token_that_ends_early_is_asked_for_anew_and_nothing_is_paid_twice(people: People) -> None:
    first = await taken_in(people)
    await people.system.control.delete("/paypal/tokens")

    second = await people.approved(3_000)

    await people.until(second, "sent")
    assert [item["amount"] for item in await people.items()] == [6_000, 3_000]
    await people.until(first, "sent")


async def test_an_item_that_nobody_claims_comes_back_and_the_payee_is_asked(people: People) -> None:
    report_id = await taken_in(people, email="unclaimed@example.test")
    await people.system.advance_clock(days=1)
    await people.system.until(
        f"/v1/reports/{report_id}", lambda seen: seen["payout"]["attempts"][0]["stage"] == "unclaimed"
    )
    assert (await people.ask(report_id, "reverse")).json()["code"] == "payout_holding_not_failed"

    await people.system.advance_clock(days=31)

    report = await people.until(report_id, "returned")
    assert (report["payout"]["code"], report["payout"]["who_must_act"]) == ("RECEIVER_UNREGISTERED", "payee")
    assert await people.booked(PAYPAL) == 50_000
    mails = await people.system.eventually(people.mails)
    assert "to the PayPal account u***" in mails[0]["text"]
    assert "unclaimed@" not in mails[0]["text"]
    await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})
    await people.until(report_id, "sent")


async def test_a_state_of_an_item_that_we_do_not_know_is_a_persons_and_nothing_is_guessed(people: People) -> None:
    report_id = await taken_in(people)
    (item,) = await people.items()

    await people.item_becomes(item, "ESCHEATED")

    async def notes() -> list[str]:
        async with people.system.house.database.across_organizations(actor="test") as uow:
            return [
                row["note"] or "" for row in await uow.all(text("select note from inbox_event where state = 'waiting'"))
            ]

    assert await people.system.eventually(notes) == ["PayPal's word for what became of the item is none that we know"]
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert (report["payout"]["state"], report["payout"]["attempts"][0]["stage"]) == ("sent", None)
    await people.item_becomes(item, "SUCCESS")
    await people.until(report_id, "settled")


async def test_an_item_of_which_paypal_says_nothing_for_too_long_is_a_case_that_its_word_closes(people: People) -> None:
    report_id = await taken_in(people, email="blocked@example.test")
    path = f"/v1/reports/{report_id}"
    await people.system.advance_clock(days=30)
    report = await people.system.until(path, lambda seen: seen["payout"]["attempts"][0]["stage"] == "blocked")
    assert report["detail"]["cases"] == []

    await people.system.advance_clock(days=6)

    report = await people.system.until(path, lambda seen: seen["detail"]["cases"])
    assert [(case["kind"], case["state"]) for case in report["detail"]["cases"]] == [("payout_unsettled", "open")]
    (item,) = await people.items()
    await people.item_becomes(item, "SUCCESS")
    report = await people.until(report_id, "settled")
    assert [(case["kind"], case["state"]) for case in report["detail"]["cases"]] == [("payout_unsettled", "closed")]


async def test_what_mends_itself_is_tried_again_and_nobody_is_mailed(people: People) -> None:
    report_id = await taken_in(people)
    (first,) = await people.items()

    await people.item_becomes(first, "FAILED", "INTERNAL_ERROR")

    report = await people.until(report_id, "returned")
    assert report["payout"]["who_must_act"] == "nobody"
    await people.system.advance_clock(hours=1)
    await people.until(report_id, "sent")
    _, second = await people.items()
    await people.item_becomes(second, "SUCCESS")
    report = await people.until(report_id, "settled")
    assert [attempt["state"] for attempt in report["payout"]["attempts"]] == ["returned", "applied"]
    assert await people.mails() == []


async def test_a_batch_that_paypal_denies_is_ours_to_mend_whoever_tells_of_it(people: People) -> None:
    await people.system.control.put("/paypal/webhook", json={"hold": True})
    report_id = await taken_in(people)
    (item,) = await people.items()
    (await people.system.control.post(f"/paypal/batches/{item['batch_id']}/deny")).raise_for_status()

    assert (await look(people))["missed"] == 1

    report = await people.until(report_id, "returned")
    assert (report["payout"]["code"], report["payout"]["who_must_act"]) == ("BATCH_DENIED", "operator")
    assert await people.booked(PAYPAL) == 50_000
    await people.system.control.put("/paypal/webhook", json={"hold": False})
    await people.system.eventually(lambda: nothing_waits(people))
    await people.ask(report_id, "retry")
    await people.until(report_id, "sent")
    _, second = await people.items()
    (await people.system.control.post(f"/paypal/batches/{second['batch_id']}/deny")).raise_for_status()
    await people.until(report_id, "returned")
    assert await people.mails() == []


async def test_a_balance_without_money_is_ours_to_mend(people: People) -> None:
    await people.add_way("paypal", default=True)
    report_id = await people.approved(6_000)

    report = await people.until(report_id, "action_required")
    assert (report["payout"]["code"], report["payout"]["who_must_act"]) == ("INSUFFICIENT_FUNDS", "operator")
    assert await people.mails() == []

    await people.top_up(50_000)
    await people.ask(report_id, "retry")
    await people.until(report_id, "sent")


async def test_a_method_whose_rail_is_not_configured_is_ours_to_mend(people: People) -> None:
    rails = people.system.house.rails
    assert isinstance(rails, dict)
    del rails["paypal"]
    await people.add_way("paypal", default=True)
    report_id = await people.approved(6_000)

    report = await people.until(report_id, "action_required")

    assert (report["payout"]["code"], report["payout"]["who_must_act"]) == ("rail_not_configured", "operator")
    await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})
    await people.until(report_id, "sent")


async def test_a_paid_item_that_is_taken_back_is_reversed_only_then(people: People) -> None:
    report_id = await taken_in(people)
    (item,) = await people.items()
    await people.item_becomes(item, "SUCCESS")
    await people.until(report_id, "settled")
    assert (await people.ask(report_id, "reverse")).json()["code"] == "payout_holding_not_failed"

    await people.item_becomes(item, "REFUNDED", "RECEIVER_REFUSED")

    await people.until(report_id, "returned")
    await people.reverse(report_id)
    assert (await people.balances())["cash"] == 100_000


async def test_a_webhook_that_paypal_did_not_send_is_not_taken(people: People) -> None:
    await taken_in(people)
    (item,) = await people.items()
    forged = {
        "id": "WH-FORGED",
        "event_type": "PAYMENT.PAYOUTS-ITEM.FAILED",
        "resource": {
            "payout_item_id": item["id"],
            "transaction_status": "FAILED",
            "payout_batch_id": item["batch_id"],
            "sender_batch_id": item["sender_batch_id"],
            "payout_item": {"amount": {"value": "60.00", "currency": "USD"}},
        },
    }
    headers = {
        "paypal-auth-algo": "SHA256withRSA",
        "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-SANDBOX",
        "paypal-transmission-id": "1",
        "paypal-transmission-sig": "bm90aGluZw==",
        "paypal-transmission-time": "2026-11-20T00:00:00Z",
    }
    for given in (headers, {}):
        answer = await people.system.api.post("/v1/webhooks/paypal", json=forged, headers=given)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_signature")
    await fault(people, "webhooks.verify", "http_500_before", count=None)
    answer = await people.system.api.post("/v1/webhooks/paypal", json=forged, headers=headers)
    assert answer.status_code == 503
    await people.system.control.delete("/faults")
