"""Stories of voiding a debit (seed 003, section 4; gateway contract, section 4)."""

import asyncio

from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import ask, book, entry, refund, refusal, settled_debit, void
from tests.flows.test_ach_stories import balance
from tests.proof import prove
from tests.sandbox.speakers import EpxSpeaker, http_client
from tests.system import System


async def test_a_void_takes_the_debit_back_before_it_goes_out_and_nothing_is_voided_twice(system: System) -> None:
    account = await stored_account(system, await merchant(system), "987654321", account_type="savings")
    debit = await debited(system, account["id"])

    mismatch = await void(system, debit["id"], amount=14_999)
    assert refusal(mismatch) == (422, "AMOUNT_MISMATCH")
    made = (await void(system, debit["id"], amount=15_000, reason="entered twice")).json()

    assert (made["type"], made["status"], made["ach_state"]) == ("VOID", "approved", "accepted")
    assert made["parent_transaction_id"] == debit["id"]
    assert [call["operation"] for call in made["detail"]["money_calls"]] == ["CKSX"]
    lines = made["detail"]["ledger_lines"]
    assert (balance(lines, ":uncleared"), balance(lines, "in_transit")) == (-15_000, -15_000)
    debit = await system.get(f"/v1/ach-debits/{debit['id']}")
    assert (debit["ach_state"], debit["refundable_amount"]) == ("voided", None)
    assert refusal(await void(system, debit["id"])) == (409, "TRANSACTION_ALREADY_VOIDED")
    assert refusal(await refund(system, debit["id"], 1)) == (409, "TRANSACTION_ALREADY_VOIDED")
    wrong = await void(system, made["id"])
    assert (refusal(wrong), "field" in wrong.json()) == ((409, "WRONG_TRANSACTION_TYPE"), False)
    assert refusal(await refund(system, made["id"], 1)) == (409, "WRONG_TRANSACTION_TYPE")
    assert [entry["state"] for entry in await book(system, "2")] == ["voided"]
    await system.advance_clock(days=5)
    await prove(system)


async def test_a_debit_that_the_gateway_reversed_already_counts_as_voided(system: System) -> None:
    """Its support voided it on the telephone: our void is answered 79, which is what was asked for."""
    account = await stored_account(system, await merchant(system))
    debit = await debited(system, account["id"])
    batch = (await book(system, "2"))[0]["batch_id"]
    async with http_client(system.sandbox.addresses["epx"]) as client:
        support = EpxSpeaker(client)
        reversed_before = await support.post("CKCX", ORIG_AUTH_GUID=debit["auth_guid"], BATCH_ID=batch)
    assert reversed_before["AUTH_RESP"] == "00"
    made = (await void(system, debit["id"])).json()
    assert (made["ach_state"], made["auth_resp"], made["status"]) == ("accepted", "79", "approved")
    lines = made["detail"]["ledger_lines"]
    assert (balance(lines, ":uncleared"), balance(lines, "in_transit")) == (-15_000, -15_000)
    assert (await system.get(f"/v1/ach-debits/{debit['id']}"))["ach_state"] == "voided"


async def test_a_debit_that_went_out_is_refunded_not_voided(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await settled_debit(system, account["id"])
    answer = await void(system, debit["id"])
    assert refusal(answer) == (409, "TRANSACTION_ALREADY_SETTLED")
    assert "/v1/ach-credits" in answer.json()["detail"]
    assert await book(system, "X") == []


async def test_of_many_voids_at_once_one_goes_out(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await debited(system, account["id"])
    answers = await asyncio.gather(*(void(system, debit["id"]) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"TRANSACTION_ALREADY_VOIDED"}
    journal = (await system.control.get("/journal", params={"partner": "epx", "operation": "CKCX"})).json()["data"]
    assert len(journal) == 1
    await prove(system)


async def test_a_void_in_doubt_blocks_refund_and_void_until_the_report_tells(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    for kind, end in (("cut_after", "voided"), ("cut_before", "settled")):
        debit = await debited(system, account["id"], 10_000 if kind == "cut_after" else 20_000)
        await system.control.post("/faults", json={"partner": "epx", "operation": "report", "kind": "http_500_before"})
        await system.control.post("/faults", json={"partner": "epx", "operation": "CKCX", "kind": kind, "count": 1})
        made = (await ask(system, f"/v1/ach-debits/{debit['id']}/void", {})).json()
        await entry(system, "ach-voids", made, "unknown")
        assert refusal(await void(system, debit["id"])) == (409, "TRANSACTION_ALREADY_VOIDED")
        assert refusal(await refund(system, debit["id"], 1)) == (409, "TRANSACTION_ALREADY_VOIDED")
        await system.control.delete("/faults")
        await system.advance_clock(days=5)
        ended = await entry(system, "ach-voids", made, "accepted", "not_found")
        assert ended["ach_state"] == ("accepted" if end == "voided" else "not_found")
        await entry(system, "ach-debits", debit, end)
    await prove(system)
    assert len(await book(system, "X")) == 1


async def test_a_debit_in_doubt_is_neither_voided_nor_refunded(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    await system.control.post("/faults", json={"partner": "epx", "operation": "CKC2", "kind": "cut_before", "count": 1})
    debit = await system.post("/v1/ach-debits", {"account_id": account["id"], "amount": 9_000, "currency": "USD"})
    await system.until(f"/v1/ach-debits/{debit['id']}", lambda seen: seen["ach_state"] == "unknown")
    assert refusal(await void(system, debit["id"])) == (409, "transaction_in_doubt")
    assert refusal(await refund(system, debit["id"], 1)) == (409, "transaction_in_doubt")
    listed = (await system.get("/v1/ach-transactions?ach_state=unknown"))["data"]
    assert [(row["id"], row["ach_state"], row["retry_advice"]) for row in listed] == [
        (debit["id"], "unknown", "not_before_known")
    ]
