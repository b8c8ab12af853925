"""Stories of how an account is verified, used, and described (seed 003, sections 1, 5, 8 and 10)."""

from sqlalchemy import select

from db.tables.inbox import inbox_event
from domain.ids import parse_public_id
from tests.flows.ach import ACCOUNT, debited, merchant, stored_account
from tests.flows.ach_operations import ask, book, come_back, pay_out, refusal, settled_debit
from tests.proof import prove
from tests.system import System
from tests.wakes import wakes


async def test_another_validators_proof_verifies_an_account_and_a_returned_prenote_revokes_it(system: System) -> None:
    account = await stored_account(system, await merchant(system, "external"), "990009303")
    path = f"/v1/ach-accounts/{account['id']}"
    assert (account["state"], account["verification_state"], account["verifies_at"]) == ("stored", "submitted", None)
    assert refusal(
        await ask(system, "/v1/ach-debits", {"account_id": account["id"], "amount": 1, "currency": "USD"})
    ) == (
        409,
        "account_not_verified",
    )
    proof = {"validator": "bank-data look-up", "reference": "validation 4711"}
    proven = (await ask(system, f"{path}/verify", proof)).json()
    assert (proven["is_verified"], proven["validator"], proven["validation_reference"]) == (
        True,
        "bank-data look-up",
        "validation 4711",
    )
    assert refusal(await ask(system, f"{path}/verify", proof)) == (409, "account_not_verifiable")
    assert (await debited(system, account["id"]))["status"] == "approved"
    await system.advance_clock(days=9)
    revoked = await system.until(path, lambda seen: seen["verification_state"] == "revoked")
    assert not revoked["is_active"]
    run = f"ach-account/{parse_public_id('acct', account['id'], field='id')}"
    told = await wakes(system.house.database, system.organization_id, run)
    assert told == 1, "by the proof: its prenote on its way, and back when all is over, starts no further run"


async def test_an_account_that_was_declined_by_our_fault_is_a_case_until_it_is_tried_again(system: System) -> None:
    theirs = await stored_account(system, await merchant(system), "990009478")
    assert (theirs["state"], theirs["who_must_act"], theirs["detail"]["cases"]) == ("failed", "payee", [])
    account = await stored_account(system, theirs["merchant_id"], "990009403")
    path = f"/v1/ach-accounts/{account['id']}"
    failed = await system.until(path, lambda seen: seen["state"] == "failed")
    assert (failed["code"], failed["who_must_act"]) == ("03", "operator")
    assert [(case["kind"], case["state"]) for case in failed["detail"]["cases"]] == [("stopped", "open")]
    await ask(system, f"{path}/retry", {"reason": "the gateway says that it was mended"})
    again = await system.until(path, lambda seen: len(seen["detail"]["cases"]) == 2)
    assert sorted(case["state"] for case in again["detail"]["cases"]) == ["closed", "open"], "declined once more"


async def test_a_prenote_that_had_to_be_sent_again_may_come_back_twice(system: System) -> None:
    owner = await merchant(system, "prenote_wait")
    await system.control.post("/faults", json={"partner": "epx", "operation": "CKC0", "kind": "cut_after", "count": 1})
    account = await stored_account(system, owner, "990009303")
    (prenote,) = [call for call in account["detail"]["money_calls"] if call["step"] == "prenote"]
    assert prenote["times_sent"] == 2
    await system.advance_clock(days=9)
    path = f"/v1/ach-accounts/{account['id']}"
    failed = await system.until(path, lambda seen: seen["verification_state"] == "failed")
    assert failed["code"] == "R03"

    async def heard() -> list[str]:
        async with system.house.database.across_organizations(actor="test") as uow:
            told = select(inbox_event.c.state).where(inbox_event.c.source == "epx", inbox_event.c.kind == "return")
            return [row["state"] for row in await uow.all(told)]

    assert await system.eventually(heard, lambda states: len(states) == 2 and "waiting" not in states)
    assert (await system.get("/v1/cases"))["data"] == []


async def test_an_account_prenoted_with_a_credit_takes_credits_only(system: System) -> None:
    owner = await merchant(system)
    payer = await stored_account(system, owner)
    await settled_debit(system, payer["id"])
    payee = await stored_account(
        system, owner, "987654321", customer_id="customer-2", account_type="savings", prenote_direction="credit"
    )
    assert [call["operation"] for call in payee["detail"]["money_calls"]] == ["CKS1", "CKS8"]
    debit = await ask(system, "/v1/ach-debits", {"account_id": payee["id"], "amount": 100, "currency": "USD"})
    assert refusal(debit) == (409, "account_takes_credits_only")
    assert (await pay_out(system, payee["id"], 4_000)).json()["status"] == "approved"
    assert [entry["tran_type"] for entry in await book(system, "3")] == ["CKS3"]
    await prove(system)


async def test_an_account_shows_its_bank_its_last_use_and_its_returns(system: System) -> None:
    owner = await merchant(system)
    nameless = {"merchant_id": owner, "customer_id": "c", "account_number": "123456780", **ACCOUNT, "last_name": "  "}
    refused = await ask(system, "/v1/ach-accounts", nameless)
    assert (refused.status_code, refused.json()["field"]) == (422, "/last_name")
    account = await stored_account(system, owner, bank_name="First Example Bank")
    assert (account["bank_name"], account["last_used_at"], account["return_count"]) == ("First Example Bank", None, 0)
    debit = await debited(system, account["id"])
    await come_back(system, debit, "R01")
    returned = await system.until(f"/v1/ach-debits/{debit['id']}", lambda seen: seen["ach_state"] == "returned")
    assert (returned["retry_advice"], returned["user_message"]) == (
        "later",
        "Your bank returned the payment for lack of funds.",
    )
    account = await system.get(f"/v1/ach-accounts/{account['id']}")
    assert account["last_used_at"] is not None
    assert (account["return_count"], account["is_active"]) == (1, True)


async def test_a_refusal_says_what_to_tell_the_payer_and_whether_to_try_again(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    for amount, code, advice in ((151, "51", "later"), (161, "61", "later"), (178, "78", "after_change")):
        debit = await debited(system, account["id"], amount)
        assert (debit["auth_resp"], debit["status"], debit["retry_advice"]) == (code, "declined", advice)
        assert debit["user_message"]
    assert debit["user_message"] == "The routing number is not valid. Please check it."
    assert (await ask(system, "/v1/ach-debits", {"account_id": account["id"], "amount": 0, "currency": "USD"})).is_error
