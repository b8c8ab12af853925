"""Stories of payouts and refunds (seed 003, section 3; gateway contract, section 4)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, text

from db.queries.inbox import store
from db.queries.money_call import get as get_money_call
from db.tables.money_call import money_call
from domain.inbox import Received
from domain.money_call import MoneyCall
from sandbox.runner import SandboxRunner
from settings import Settings
from tests.faults.world import changed
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import ask, book, cash, come_back, entry, pay_out, refund, refusal, settled_debit, void
from tests.proof import prove
from tests.system import System, open_system


@pytest.fixture
async def lenient(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[System]:
    """A system that may refund before settlement."""
    async with open_system(changed(settings, epx={"refund_before_settlement": True}), sandbox) as opened:
        yield opened


async def test_a_payout_leaves_cash_when_it_is_made_and_settles_at_the_bank(system: System) -> None:
    account = await stored_account(system, await merchant(system), sec="WEB")
    assert refusal(await pay_out(system, account["id"], 0))[0] == 422
    early = (await pay_out(system, account["id"], 4_000)).json()
    assert (early["status"], early["code"]) == ("failed", "insufficient_funds"), "nothing is promised that is not there"
    await settled_debit(system, account["id"])

    made = (await pay_out(system, account["id"], 4_000)).json()

    assert (made["type"], made["direction"], made["status"], made["sec"]) == ("DEBIT", "credit", "approved", "PPD")
    assert made["parent_transaction_id"] is None
    assert [call["operation"] for call in made["detail"]["money_calls"]] == ["CKC3"]
    assert await cash(system) == 11_000
    assert refusal(await void(system, made["id"])) == (409, "WRONG_TRANSACTION_TYPE")
    assert refusal(await refund(system, made["id"], 1)) == (409, "WRONG_TRANSACTION_TYPE")
    await system.advance_clock(days=5)
    await system.until(f"/v1/ach-credits/{made['id']}", lambda seen: seen["ach_state"] == "settled")
    await prove(system)
    assert len(await book(system, "3")) == 1


async def test_refunds_wait_for_settlement_warn_of_claims_and_never_pass_the_debit(system: System) -> None:
    account = await stored_account(system, await merchant(system), "987654321", account_type="savings")
    debit = await debited(system, account["id"])
    too_early = await refund(system, debit["id"], 5_000)
    assert refusal(too_early) == (409, "transaction_not_settled")
    assert "/void" in too_early.json()["detail"]
    await system.advance_clock(days=6)
    debit = await system.until(f"/v1/ach-debits/{debit['id']}", lambda seen: seen["ach_state"] == "settled")
    # heard six days later at once, and counted from the day that the gateway names
    assert debit["settled_on"] == debit["settles_on"] < debit["settled_at"][:10]
    assert debit["return_window_ends_on"] < debit["claim_window_ends_on"], "two windows: the bank's and the payer's"

    first = (await refund(system, debit["id"], 10_000)).json()

    assert (first["type"], first["direction"], first["status"]) == ("REFUND", "credit", "approved")
    assert debit["claim_window_ends_on"] in first["warnings"][0]
    call = first["detail"]["money_calls"][0]
    assert call["operation"] == "CKS3"
    assert [entry["orig_guid"] for entry in await book(system, "3")] == [debit["auth_guid"]], "by the debit's GUID"
    assert refusal(await refund(system, debit["id"], 5_001)) == (422, "refund_exceeds_debit")
    await refund(system, debit["id"], 5_000)
    assert (await system.get(f"/v1/ach-debits/{debit['id']}"))["refundable_amount"] == 0
    assert refusal(await refund(system, debit["id"], 1)) == (422, "refund_exceeds_debit")
    await system.advance_clock(days=5)
    await system.until(f"/v1/ach-credits/{first['id']}", lambda seen: seen["ach_state"] == "settled")
    await prove(system)


async def test_refunds_at_once_never_add_up_to_more_than_the_debit(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await settled_debit(system, account["id"])
    answers = await asyncio.gather(*(refund(system, debit["id"], 4_000) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 422, 422, 422]
    assert [entry["amount"] for entry in await book(system, "3")] == [4_000] * 3
    await prove(system)


async def test_of_two_voids_and_a_refund_exactly_one_wins(lenient: System) -> None:
    account = await stored_account(lenient, await merchant(lenient))
    await settled_debit(lenient, account["id"], 50_000)
    for amount in (11_000, 12_000, 13_000):
        debit = await debited(lenient, account["id"], amount)
        answers = await asyncio.gather(
            void(lenient, debit["id"]), refund(lenient, debit["id"], amount), void(lenient, debit["id"])
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
        assert codes <= {"TRANSACTION_ALREADY_VOIDED", "TRANSACTION_ALREADY_REFUNDED"}
    assert len([*await book(lenient, "3"), *await book(lenient, "X")]) == 3
    await prove(lenient)


async def test_a_refund_that_comes_back_may_be_made_again(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await settled_debit(system, account["id"])
    first = (await refund(system, debit["id"], 15_000)).json()
    await come_back(system, first, "R23")
    first = await system.until(f"/v1/ach-credits/{first['id']}", lambda seen: seen["ach_state"] == "returned")
    assert await cash(system) == 15_000
    assert first["retry_advice"] in ("later", "after_change")
    assert (await system.get(f"/v1/ach-debits/{debit['id']}"))["refundable_amount"] == 15_000
    await prove(system)


async def test_what_was_not_sent_yet_is_taken_back_when_the_debit_comes_back(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await settled_debit(system, account["id"])
    await system.control.post("/faults", json={"partner": "epx", "operation": "CKC3", "kind": "refuse_connection"})
    waiting = (await ask(system, "/v1/ach-credits", {
        "parent_transaction_id": debit["id"], "amount": 15_000, "currency": "USD"
    })).json()  # fmt: skip
    await system.until(f"/v1/ach-credits/{waiting['id']}", lambda seen: seen["ach_state"] == "submitting")
    await come_back(system, debit, "R01")
    await system.house.inbox.store(_returned(debit, "R01"))  # the feed cannot be reached either
    withdrawn = await system.until(f"/v1/ach-credits/{waiting['id']}", lambda seen: seen["status"] == "failed")
    assert withdrawn["code"] == "transaction_returned"
    await system.control.delete("/faults")
    assert refusal(await refund(system, debit["id"], 1)) == (409, "transaction_returned")
    assert await book(system, "3") == []
    await prove(system)


async def test_a_refund_that_was_just_leaving_when_the_debit_came_back_does_not_leave_later(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await settled_debit(system, account["id"])
    fault = {"partner": "epx", "operation": "CKC3", "kind": "refuse_connection", "count": None}
    await system.control.post("/faults", json=fault)
    body = {"parent_transaction_id": debit["id"], "amount": 15_000, "currency": "USD"}
    waiting = (await ask(system, "/v1/ach-credits", body)).json()
    await system.until(f"/v1/ach-credits/{waiting['id']}", lambda seen: seen["ach_state"] == "submitting")

    taken = await system.eventually(lambda: _just_leaving(system))
    await system.house.inbox.store(_returned(debit, "R01"))
    await entry(system, "ach-debits", debit, "returned")
    assert (await system.get(f"/v1/ach-credits/{waiting['id']}"))["ach_state"] == "submitting"
    async with system.house.database.unit_of_work(system.organization_id, actor="test") as uow:
        await uow.money_calls.not_sent(taken)

    await system.control.delete("/faults")
    withdrawn = await system.until(f"/v1/ach-credits/{waiting['id']}", lambda seen: seen["status"] != "pending")
    assert (withdrawn["status"], withdrawn["code"]) == ("failed", "transaction_returned")
    assert await book(system, "3") == []


async def _just_leaving(system: System) -> MoneyCall | None:
    """Take the open call for a send, as a worker whose line is bad; None while another one is at it."""
    async with system.house.database.unit_of_work(system.organization_id, actor="test") as uow:
        found = await uow.one_or_none(select(money_call.c.id).where(money_call.c.state == "recorded"))
        call = None if found is None else await get_money_call(uow, found["id"])
        return None if call is None else await uow.money_calls.begin_send(call, window_seconds=60, settling_seconds=1)


async def test_a_debit_whose_return_waits_to_be_processed_is_not_refunded(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await settled_debit(system, account["id"])
    async with system.house.database.across_organizations(actor="test") as uow:
        # stored in this transaction and not processed before it ends: as if the inbox were busy
        await store(uow, _returned(debit, "R10"))
        await uow.connection.execute(text("update inbox_event set next_attempt_at = 'infinity' where kind = 'return'"))
    assert refusal(await refund(system, debit["id"], 1)) == (409, "transaction_returned")
    assert await book(system, "3") == []


def _returned(debit: dict[str, Any], code: str) -> Received:
    """A return as the feed tells it."""
    row = {
        "AUTH_GUID": debit["auth_guid"],
        "TRAN_NBR": debit["tran_nbr"],
        "BATCH_ID": debit["batch_id"],
        "TRAN_TYPE": "CKC2",
        "AMOUNT": "150.00",
        "KIND": "return",
        "RETURN_CODE": code,
        "RETURN_REASON": "",
        "RETURN_DATE": debit["business_date"],
        "ADDENDA": "",
        "CORRECTED_DATA": "",
        "EVENT_ID": "by-hand",
        "TERMINAL": "7000-700010-1-1",
    }
    payload = json.dumps(row).encode()
    return Received("epx", "returns/by-hand", "return", debit["auth_guid"], payload, debit["tran_nbr"])
