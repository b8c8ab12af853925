"""Lost answers and words of the bank that come early, late, twice or in another order: each payee is paid once."""

import hashlib
import hmac
import json
from typing import Any

from tests.flows.reimbursements.people import People


async def fault(people: People, operation: str, kind: str, **more: Any) -> int:
    """Have Column's next call of this operation go wrong; returns the fault's id."""
    body = {"partner": "column", "operation": operation, "kind": kind, **more}
    return int((await people.system.control.post("/faults", json=body)).json()["id"])


async def sends(people: People, operation: str) -> list[dict[str, Any]]:
    """What Column received of this operation."""
    found: list[dict[str, Any]] = (await people.system.control.get(f"/journal?operation={operation}")).json()["data"]
    return found


async def test_a_lost_answer_is_sent_again_under_its_key_and_there_is_one_transfer(people: People) -> None:
    await people.system.control.post("/column/webhooks/hold", json={"hold": True})
    for operation in ("book_transfers.create", "ach_transfers.create"):
        await fault(people, operation, "cut_after")

    report_id = await people.approved(8_000)

    report = await people.until(report_id, "sent")
    for operation, effects in (("book_transfers.create", 2), ("ach_transfers.create", 1)):
        received = await sends(people, operation)
        assert len(received) == effects + 1
        assert len({call["reference"] for call in received}) == effects
        assert sum(call["took_effect"] for call in received) == effects
    calls = {call["step"]: call for call in report["detail"]["money_calls"]}
    assert (calls["payout"]["times_sent"], calls["payout"]["state"]) == (2, "applied")


async def test_what_the_bank_says_by_itself_is_the_proof_and_nothing_is_sent_again(people: People) -> None:
    await fault(people, "ach_transfers.create", "cut_after")

    report_id = await people.approved(8_000)

    report = await people.until(report_id, "sent")
    assert len(await sends(people, "ach_transfers.create")) == 1
    calls = {call["step"]: call for call in report["detail"]["money_calls"]}
    assert calls["payout"]["times_sent"] == 1


async def test_a_webhook_that_comes_before_the_answer_waits_and_takes_effect_once(people: People) -> None:
    paused = await fault(people, "ach_transfers.create", "pause_after")
    report_id = await people.approved(8_000)
    (transfer,) = await people.system.eventually(lambda: people.transfers("ach"))
    await people.settle(transfer["id"])
    await people.send_back(transfer["id"], "R03")
    await people.system.control.post("/column/webhooks/release", json={"order": "reversed"})
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert report["payout"]["state"] == "sending"

    await people.system.control.post(f"/faults/{paused}/release")

    report = await people.until(report_id, "returned")
    assert report["payout"]["code"] == "R03"
    assert (await people.balances(report))["clearing"] == 8_000
    assert len(await sends(people, "ach_transfers.create")) == 1
    assert len(await people.mails()) <= 1


async def test_events_told_twice_and_out_of_order_change_nothing(people: People) -> None:
    report_id = await people.approved(8_000)
    await people.until(report_id, "sent")
    (transfer,) = await people.transfers("ach")
    await people.settle(transfer["id"])
    await people.until(report_id, "settled")
    await people.send_back(transfer["id"], "R02")
    before = await people.until(report_id, "returned")

    events = (await people.system.control.get("/column/events")).json()["data"]
    for event in reversed(events):
        answers = await people.system.control.post(f"/column/events/{event['id']}/deliver", json={"copies": 2})
        assert answers.json()["answers"] == ["200", "200"]
    (returned,) = [event for event in events if event["type"].endswith("returned")]
    await told(people, {"id": "evnt_again", "type": returned["type"], "data": json.loads(returned["data"])})
    await people.system.eventually(lambda: processed(people, "evnt_again"))

    after = await people.system.get(f"/v1/reports/{report_id}")
    assert after["payout"] == before["payout"]
    assert after["detail"]["ledger_lines"] == before["detail"]["ledger_lines"]
    assert len(await people.system.eventually(people.mails)) == 1


async def test_a_late_settlement_of_a_returned_attempt_does_not_settle_the_next_one(people: People) -> None:
    await people.system.control.post("/column/webhooks/hold", json={"hold": True})
    report_id = await people.approved(8_000)
    await people.until(report_id, "sent")
    (first,) = await people.transfers("ach")
    await people.settle(first["id"])
    await people.send_back(first["id"], "R02")
    events = {
        e["type"].rpartition(".")[2]: e["id"]
        for e in (await people.system.control.get("/column/events")).json()["data"]
    }
    await people.system.control.post(f"/column/events/{events['returned']}/deliver", json={})
    await people.until(report_id, "returned")
    await people.ask(report_id, "retry")
    await people.until(report_id, "sent")

    await people.system.control.post(f"/column/events/{events['settled']}/deliver", json={})

    await people.system.eventually(lambda: processed(people, events["settled"]))
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert (report["payout"]["state"], report["state"]) == ("sent", "reimbursing")


async def test_a_word_of_the_bank_about_a_transfer_that_it_refused_is_a_case_and_stops_everything(
    people: People,
) -> None:
    await people.add_method("990009402", default=True)
    report_id = await people.approved(8_000)
    stuck = await people.until(report_id, "action_required")
    (call,) = [call for call in stuck["detail"]["money_calls"] if call["step"] == "payout"]
    transfer = {
        "id": "acht_ghost",
        "type": "CREDIT",
        "account_number_id": "acno_fs_main",
        "amount": 8_000,
        "currency_code": "USD",
        "description": call["rail_reference"],
        "status": "SETTLED",
    }
    await told(people, {"id": "evnt_ghost", "type": "ach.outgoing_transfer.settled", "data": transfer})

    report = await people.system.until(f"/v1/reports/{report_id}", lambda seen: seen["detail"]["cases"])

    assert [case["kind"] for case in report["detail"]["cases"]] == ["contradiction"]
    assert report["payout"]["state"] == "action_required"
    await people.ask(report_id, "retry")
    await people.until(report_id, "sending")
    assert len(await sends(people, "ach_transfers.create")) == 1


async def told(people: People, event: dict[str, Any]) -> None:
    """An event that Column signed."""
    body = json.dumps(event).encode()
    secret = people.system.settings.column.webhook_secret.get_secret_value().encode()
    headers = {"Column-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest()}
    answer = await people.system.api.post("/v1/webhooks/column", content=body, headers=headers)
    assert answer.is_success, answer.text


async def test_a_correction_that_the_bank_asks_for_becomes_a_case(people: People) -> None:
    await people.add_method("990009101", default=True)
    report_id = await people.approved(8_000)
    await people.until(report_id, "sent")
    (transfer,) = await people.transfers("ach")
    await people.system.control.post(f"/column/ach/{transfer['id']}/correct", json={"code": "C01"})

    report = await people.system.until(f"/v1/reports/{report_id}", lambda seen: seen["detail"]["cases"])

    (case,) = report["detail"]["cases"]
    assert (case["kind"], case["evidence"][0]["code"]) == ("notification_of_change", "C01")


async def processed(people: People, event_id: str) -> bool:
    """Whether the inbox is done with an event."""
    from sqlalchemy import text

    async with people.system.house.database.across_organizations(actor="test") as uow:
        row = await uow.one_or_none(text("select state from inbox_event where event_id = :id").bindparams(id=event_id))
    return row is not None and row["state"] == "processed"
