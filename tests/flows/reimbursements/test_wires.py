"""A payout by wire is a task: its owner sends it at the bank and says so, another operator confirms."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.ids import new_id
from domain.reimbursement_lines import BANK_FEES
from tests.flows.reimbursements.people import WAYS, People

SEEN = "The bank's page says executed"
DEPOSIT_OF_ITS_LINE = """
    insert into deposit (id, organization_id, bank_account, bank_reference, amount, currency, received_on, recorded_by)
    select gen_random_uuid(), organization_id, 'fs_main', bank_reference, 1, 'USD', returned_on, proposed_by
    from wire_return
"""
RETURN_OF_NO_WIRE = """
    insert into wire_return (id, organization_id, report_id, attempt_id, bank_reference, returned_on, reason, must_act,
        proposed_by, proposal_hash)
    select gen_random_uuid(), organization_id, report_id, gen_random_uuid(), 'another', returned_on, reason, must_act,
        proposed_by, proposal_hash from wire_return
"""
FORBIDDEN = (
    "update wire_return set reason = 'something else'",
    "delete from wire_return",
    DEPOSIT_OF_ITS_LINE,
    RETURN_OF_NO_WIRE,
)


async def handed_over(people: People, amount: int = 9_000) -> str:
    """A report whose wire waits for its owner."""
    await people.add_way("wire", default=True)
    report_id = await people.approved(amount)
    await people.system.until(f"/v1/reports/{report_id}", lambda seen: wire_state(seen) == "needs_person")
    return report_id


def wire_state(report: dict[str, Any]) -> str:
    """The state of the payout's money call."""
    calls = [call for call in report["detail"]["money_calls"] if call["step"] == "payout"]
    return str(calls[-1]["state"]) if calls else "none"


async def say(people: People, report_id: str, what: str, body: Any, *, other: bool = False) -> Any:
    """The owner's word on the wire, or the other operator's: the answer as it is."""
    client = people.system.api if other else people.system.other_operator
    return await client.post(f"/v1/reports/{report_id}/{what}", json=body, headers={"Idempotency-Key": new_id().hex})


async def test_a_wire_is_sent_by_its_owner_and_confirmed_by_another(people: People) -> None:
    report_id = await handed_over(people)
    task = await people.system.get(f"/v1/reports/{report_id}/wire")
    assert task["order"]["account_number"] == WAYS["wire"]["account_number"]
    assert (task["order"]["beneficiary"], task["order"]["amount"]) == ("Maria Keller 1", "90.00")
    grace = (await people.system.get(f"/v1/reports/{report_id}"))["payout"]["attempts"][0]["owner_id"]
    assert (task["owner_id"], task["overdue"]) == (grace, False)
    wire = {"bank_account_id": "bacc_fs_main", "amount": 9_000, "description": "by hand"}
    await people.system.control.post("/column/wires", json=wire)

    nameless = await say(people, report_id, "wire-sent", {"evidence": SEEN})
    assert nameless.status_code == 422
    sent = await say(people, report_id, "wire-sent", {"bank_reference": "20261120B1", "evidence": SEEN})
    assert sent.status_code == 202, sent.text
    assert "order" not in sent.json()
    seen = {"seen": sent.json()["money_call"]["proposal"]["seen"]}
    own = await say(people, report_id, "wire-confirm", seen)
    assert (own.status_code, own.json()["code"]) == (403, "same_operator")
    assert (await people.system.get(f"/v1/reports/{report_id}"))["payout"]["state"] == "sending"
    confirmed = await say(people, report_id, "wire-confirm", seen, other=True)
    assert confirmed.status_code == 200, confirmed.text

    report = await people.until(report_id, "settled")
    again = await say(people, report_id, "wire-confirm", seen, other=True)
    assert again.status_code == 200, again.text
    (attempt,) = report["payout"]["attempts"]
    assert (attempt["kind"], attempt["rail_id"], attempt["state"]) == ("wire", "20261120B1", "applied")
    assert (await people.balances(report))["fs_main"] == 91_000
    gone = await people.system.api.get(f"/v1/reports/{report_id}/wire")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


async def test_a_reference_of_the_bank_stands_for_one_wire_only(people: People) -> None:
    first = await handed_over(people)
    second = await people.approved(4_000)
    await people.system.until(f"/v1/reports/{second}", lambda seen: wire_state(seen) == "needs_person")
    body = {"bank_reference": "20261120B1", "evidence": SEEN}
    sent = await say(people, first, "wire-sent", body)
    seen = {"seen": sent.json()["money_call"]["proposal"]["seen"]}
    await say(people, first, "wire-confirm", seen, other=True)
    await people.until(first, "settled")

    again = await say(people, second, "wire-sent", body)

    assert (again.status_code, again.json()["code"]) == (409, "bank_reference_used")
    wire = {"bank_account_id": "bacc_fs_main", "amount": 9_000, "description": "by hand"}
    await people.system.control.post("/column/wires", json=wire)
    # only its owner knows whether it was sent
    assert (await people.ask(second, "cancel")).json()["code"] == "wire_not_refused"
    await refuse(people, second, "operator")


async def refuse(people: People, report_id: str, who: str) -> dict[str, Any]:
    """Two persons say that a wire was not sent; the report then."""
    body = {"reason": "The bank does not know the account", "who_must_act": who}
    said = await say(people, report_id, "wire-refused", body)
    assert said.status_code == 202, said.text
    await say(people, report_id, "wire-confirm", {"seen": said.json()["money_call"]["proposal"]["seen"]}, other=True)
    return await people.until(report_id, "action_required")


async def test_a_wire_that_the_payee_must_mend_is_told_to_the_payee_and_reversed_otherwise(people: People) -> None:
    report_id = await handed_over(people)
    assert (await people.ask(report_id, "reverse")).json()["code"] == "payout_holding_not_failed"

    report = await refuse(people, report_id, "payee")

    assert report["payout"]["who_must_act"] == "payee"
    (mail,) = await people.system.eventually(people.mails)
    assert "The bank does not know the account" in mail["text"]
    assert "by wire to the account ending in 3000" in mail["text"]
    await people.reverse(report_id)
    assert (await people.balances())["cash"] == 100_000


async def test_a_wire_that_nobody_sends_is_a_case_and_its_owner_is_mailed_once(people: People) -> None:
    report_id = await handed_over(people)

    await people.system.advance_clock(days=6)

    report = await people.system.until(
        f"/v1/reports/{report_id}", lambda seen: "wire_overdue" in {case["kind"] for case in seen["detail"]["cases"]}
    )
    assert wire_state(report) == "needs_person"
    (mail,) = await people.system.eventually(people.mails)
    assert mail["recipients"] == ["grace@example.test"]
    assert "90.00 USD" in mail["text"]
    async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
        ada = await uow.one_or_none(text("select id from operator where name = 'Ada'"))
    assert ada is not None
    moved = await say(people, report_id, "wire-owner", {"operator_id": f"opr_{ada['id'].hex}"})
    # Ada wrote the report and is not its payee
    assert (moved.status_code, moved.json()["owner_id"]) == (200, f"opr_{ada['id'].hex}")
    assert len(await people.mails()) == 1
    refused = await refuse(people, report_id, "operator")
    assert {case["state"] for case in refused["detail"]["cases"]} == {"closed"}, "nobody is late any more"


async def test_a_payee_who_is_an_operator_has_no_part_in_their_own_wire(people: People) -> None:
    people.payee = await people.system.post("/v1/payees", {"name": "Ada", "email": "Ada@example.test"})
    report_id = await handed_over(people)
    body = {"bank_reference": "20261120B1", "evidence": SEEN}
    own = await say(people, report_id, "wire-sent", body, other=True)
    assert (own.status_code, own.json()["code"]) == (403, "own_payout")
    sent = await say(people, report_id, "wire-sent", body)
    seen = {"seen": sent.json()["money_call"]["proposal"]["seen"]}
    confirmed = await say(people, report_id, "wire-confirm", seen, other=True)
    assert (confirmed.status_code, confirmed.json()["code"]) == (403, "own_payout")
    call = f"/v1/money-calls/{sent.json()['money_call']['id']}"
    for verb, asked in (
        ("resolve", {"outcome": "refused", "evidence": "I have not got it"}),
        ("confirm", seen),
    ):
        answer = await people.system.api.post(f"{call}/{verb}", json=asked, headers={"Idempotency-Key": new_id().hex})
        assert (answer.status_code, answer.json()["code"]) == (403, "own_payout")
    assert wire_state(await people.system.get(f"/v1/reports/{report_id}")) == "needs_person"


async def test_a_wire_that_comes_back_is_owed_again_once_two_persons_have_seen_it(people: People) -> None:
    report_id = await handed_over(people)
    wire = {"bank_account_id": "bacc_fs_main", "amount": 9_000, "description": "by hand"}
    await people.system.control.post("/column/wires", json=wire)
    back: dict[str, Any] = {
        "bank_reference": "20261124R1",
        "returned_on": "2026-01-05",
        "reason": "The beneficiary's account is closed",
        "who_must_act": "payee",
    }
    early = await say(people, report_id, "wire-returned", back)
    assert (early.status_code, early.json()["code"]) == (409, "wire_not_paid")
    sent = await say(people, report_id, "wire-sent", {"bank_reference": "20261120B1", "evidence": SEEN})
    seen = {"seen": sent.json()["money_call"]["proposal"]["seen"]}
    await say(people, report_id, "wire-confirm", seen, other=True)
    await people.until(report_id, "settled")
    # the bank kept a fee
    await people.system.control.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": 7_500})
    back["fee"] = 1_500
    whole = await say(people, report_id, "wire-returned", {**back, "fee": 9_000})
    assert (whole.status_code, whole.json()["field"]) == (422, "/fee")
    booked = await say(people, report_id, "wire-returned", {**back, "bank_reference": "line-1"})
    assert (booked.status_code, booked.json()["code"]) == (409, "bank_reference_used"), "the first deposit's line"

    told = await say(people, report_id, "wire-returned", back)

    assert (told.status_code, told.json()["confirmed_by"]) == (202, None), told.text
    own = await say(people, report_id, "wire-returned-confirm", {"seen": told.json()["seen"]})
    assert (own.status_code, own.json()["code"]) == (403, "same_operator")
    changed = await say(people, report_id, "wire-returned", {**back, "reason": "The account does not exist"})
    stale = await say(people, report_id, "wire-returned-confirm", {"seen": told.json()["seen"]}, other=True)
    assert (stale.status_code, stale.json()["code"]) == (409, "evidence_mismatch")
    assert (await people.system.get(f"/v1/reports/{report_id}"))["payout"]["state"] == "settled"
    confirmed = await say(people, report_id, "wire-returned-confirm", {"seen": changed.json()["seen"]}, other=True)
    assert confirmed.status_code == 200, confirmed.text
    report = await people.until(report_id, "returned")
    assert (report["state"], report["payout"]["who_must_act"]) == ("reimbursing", "payee")
    assert (await people.balances(report))["clearing"] == 9_000
    assert await people.booked(BANK_FEES) == 1_500
    (mail,) = await people.system.eventually(people.mails)
    assert "The account does not exist" in mail["text"]
    again = await say(people, report_id, "wire-returned-confirm", {"seen": changed.json()["seen"]}, other=True)
    assert (again.status_code, again.json()["code"]) == (409, "wire_not_paid")
    line = {"amount": 9_000, "currency": "USD", "bank_reference": "20261124R1", "received_on": "2026-01-05"}
    twice = await people.system.api.post("/v1/deposits", json=line, headers={"Idempotency-Key": new_id().hex})
    assert (twice.status_code, twice.json()["code"]) == (409, "deposit_booked_already")
    for statement in FORBIDDEN:
        with pytest.raises(DBAPIError, match=r"stays what it is|permission denied|booked already|that was paid"):
            async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
                await uow.connection.execute(text(statement))
    await people.ask(report_id, "payout-method", {"payout_method_id": people.method["id"]})
    report = await people.until(report_id, "sent")
    back, paid = report["payout"]["attempts"]
    assert [back["state"], paid["state"]] == ["returned", "applied"]
    assert (back["code"], back["message"]) == ("returned", "The account does not exist")
