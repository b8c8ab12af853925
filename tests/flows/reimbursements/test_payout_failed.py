"""The seed's one per cent: the payout fails, the payee is asked, and the waiting workflow pays again."""

from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_approvals import ask, operator

NO_BANK = "099000008"
"""A routing number with a right check digit that no bank has."""


async def test_a_refused_account_asks_the_payee_and_another_method_is_paid(people: People) -> None:
    wrong = await people.add_method("22223333", routing_number=NO_BANK, default=True)
    report_id = await people.approved(9_900)

    failed = await people.until(report_id, "action_required")

    payout = failed["payout"]
    assert (payout["who_must_act"], payout["code"]) == ("payee", "invalid_routing_number")
    assert (payout["hcb_state"], failed["state"]) == ("failed", "reimbursing")
    assert (await people.balances(failed))["clearing"] == 9_900
    (mail,) = await people.system.eventually(people.mails)
    assert mail["recipients"] == [f"maria{people.payee_account}@example.test"]
    assert "The routing number is not valid." in mail["text"]
    assert "99.00 USD" in mail["text"]
    assert "ending in 3333" in mail["text"]
    assert "22223333" not in mail["text"] + mail["html"]

    answer = await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})

    assert answer.status_code == 202
    report = await people.until(report_id, "sent")
    assert [(a["ordinal"], a["payout_method_id"], a["state"]) for a in report["payout"]["attempts"]] == [
        (1, wrong["id"], "refused"),
        (2, people.method["id"], "applied"),
    ]
    (transfer,) = await people.transfers("ach")
    assert transfer["last_four"] == "6789"
    await people.settle(transfer["id"])
    await people.until(report_id, "settled")
    assert len(await people.mails()) == 1


async def test_a_returned_transfer_books_the_money_back_mails_the_true_reason_and_is_paid_again(people: People) -> None:
    report_id = await people.approved(12_000)
    await people.until(report_id, "sent")
    (first,) = await people.transfers("ach")
    await people.settle(first["id"])
    await people.until(report_id, "settled")

    await people.send_back(first["id"], "R02")

    returned = await people.until(report_id, "returned")
    payout = returned["payout"]
    assert (payout["code"], payout["who_must_act"], payout["hcb_state"]) == ("R02", "payee", "failed")
    assert (returned["state"], returned["reimbursed_at"]) == ("reimbursing", None)
    assert await people.balances(returned) == {
        "cash": 88_000,
        "fs_main": 100_000,
        "fs_operating": 0,
        "clearing": 12_000,
        "funding": 0,
    }
    (mail,) = await people.system.eventually(people.mails)
    assert "Account closed (R02)" in mail["text"]

    other = await people.add_method("55556666")
    await people.ask(report_id, "payout-method", {"payout_method_id": other["id"]})

    report = await people.until(report_id, "sent")
    assert [attempt["state"] for attempt in report["payout"]["attempts"]] == ["returned", "applied"]
    transfers = await people.transfers("ach")
    assert [(t["status"], t["last_four"]) for t in transfers] == [("RETURNED", "6789"), ("INITIATED", "6666")]
    await people.settle(transfers[1]["id"])
    report = await people.until(report_id, "settled")
    assert report["state"] == "reimbursed"
    assert (await people.balances(report))["clearing"] == 0


async def test_a_refusal_that_is_ours_goes_to_the_operator_and_no_mail_is_sent(people: People) -> None:
    await people.add_method("990009403", default=True)
    report_id = await people.approved(5_000)

    stuck = await people.until(report_id, "action_required")

    assert (stuck["payout"]["code"], stuck["payout"]["who_must_act"]) == ("ach_limit_exceeded", "operator")
    assert await people.mails() == []
    again = await people.ask(report_id, "retry")
    assert again.status_code == 202
    await people.system.until(
        f"/v1/reports/{report_id}",
        lambda seen: [a["state"] for a in seen["payout"]["attempts"]] == ["refused", "refused"],
    )
    assert await people.transfers("ach") == []


async def test_a_transfer_that_the_bank_itself_cancels_is_the_operators_matter(people: People) -> None:
    report_id = await people.approved(5_000)
    await people.until(report_id, "sent")
    (transfer,) = await people.transfers("ach")

    await people.system.control.post(f"/column/ach/{transfer['id']}/cancel")

    report = await people.until(report_id, "returned")
    assert (report["payout"]["code"], report["payout"]["who_must_act"]) == ("canceled", "operator")
    assert (await people.balances(report))["clearing"] == 5_000
    assert await people.mails() == []


async def test_a_bank_account_of_ours_without_money_stops_before_the_payee_and_is_tried_again(people: People) -> None:
    await people.system.control.post(
        "/column/ach/incoming", json={"bank_account_id": "bacc_fs_main", "type": "DEBIT", "amount": 95_000}
    )
    report_id = await people.approved(7_000)

    stuck = await people.until(report_id, "action_required")

    assert (stuck["payout"]["code"], stuck["payout"]["who_must_act"]) == ("insufficient_balance", "operator")
    assert stuck["payout"]["attempts"] == []
    assert (await people.balances(stuck))["cash"] == 100_000

    await people.system.control.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": 95_000})
    assert (await people.ask(report_id, "retry")).status_code == 202

    report = await people.until(report_id, "sent")
    assert [t["amount"] for t in await people.transfers("book")] == [7_000, 7_000]
    assert report["payout"]["funding_state"] == "settled"


async def test_a_mail_server_that_is_away_delays_the_mail_and_never_the_payment(people: People) -> None:
    await people.system.control.post("/faults", json={"partner": "mailbox", "kind": "refuse_connection"})
    await people.add_method("22223333", routing_number=NO_BANK, default=True)
    report_id = await people.approved(5_000)
    await people.until(report_id, "action_required")

    await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})

    await people.until(report_id, "sent")
    assert await people.mails() == []
    await people.system.control.delete("/faults")
    assert await people.system.eventually(people.mails)


async def test_a_method_of_somebody_else_is_refused(people: People) -> None:
    mine = people.method
    await people.add_method("22223333", routing_number=NO_BANK, default=True)
    report_id = await people.approved(5_000)
    await people.until(report_id, "action_required")
    await people.add_payee("77778888")

    answer = await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert mine["id"] != people.method["id"]
    assert (await people.until(report_id, "action_required"))["payout"]["attempts"][0]["ordinal"] == 1


async def test_a_payee_pays_their_own_payout_again_and_no_other_moves_with_it(people: People) -> None:
    await people.add_method("22223333", routing_number=NO_BANK, default=True)
    first, second = await people.approved(1_000), await people.approved(2_000)
    for report_id in (first, second):
        await people.until(report_id, "action_required")
    async with await operator(people, f"MARIA{people.payee_account}") as maria:
        chosen = {"payout_method_id": people.method["id"]}
        assert await ask(maria, f"/v1/reports/{first}/payout-method", chosen) == (202, "")
        await people.until(first, "sent")
        waits = await people.system.get(f"/v1/reports/{second}")
        assert (waits["payout"]["state"], len(waits["payout"]["attempts"])) == ("action_required", 1)

        assert await ask(maria, f"/v1/reports/{second}/retry", {}) == (202, "")
        await people.system.until(f"/v1/reports/{second}", lambda seen: len(seen["payout"]["attempts"]) == 2)
