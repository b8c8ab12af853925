"""Stories of storing an account and debiting it, told through the API against the gateway's own books (seed 003)."""

from typing import Any

from tests.flows.ach import debited, merchant, stored_account
from tests.system import System


def balance(lines: list[dict[str, Any]], account: str) -> int:
    """The posted balance that a flow's lines leave on the accounts that end so."""
    return sum(line["amount"] for line in lines if line["account"].endswith(account) and not line["pending"])


async def entries(system: System) -> list[dict[str, Any]]:
    """The gateway's own list of what it took or declined."""
    book = (await system.control.get("/books/epx")).json()
    found: list[dict[str, Any]] = book["entries"]
    return found


async def test_an_account_is_stored_verified_after_three_clean_banking_days_and_then_debited(system: System) -> None:
    merchant_id = await merchant(system, "prenote_wait")
    account = await stored_account(system, merchant_id)
    assert account["state"] == "stored"
    assert account["verification_state"] == "submitted"
    assert account["last_four"] == "6789"
    assert not account["is_verified"]
    refused = await system.api.post(
        "/v1/ach-debits",
        json={"account_id": account["id"], "amount": 15_000, "currency": "USD"},
        headers={"Idempotency-Key": "too-early"},
    )
    assert refused.status_code == 409
    assert refused.json()["code"] == "account_not_verified"

    await system.advance_clock(days=9)

    path = f"/v1/ach-accounts/{account['id']}"
    account = await system.until(path, lambda seen: seen["is_verified"])
    assert [call["operation"] for call in account["detail"]["money_calls"]] == ["CKC0", "CKC8"]
    debit = await debited(system, account["id"])
    assert (debit["status"], debit["ach_state"], debit["auth_resp"]) == ("approved", "accepted", "00")
    assert balance(debit["detail"]["ledger_lines"], ":uncleared") == 15_000

    await system.advance_clock(days=5)

    debit = await system.until(f"/v1/ach-debits/{debit['id']}", lambda seen: seen["ach_state"] == "settled")
    assert balance(debit["detail"]["ledger_lines"], ":uncleared") == 0
    assert balance(debit["detail"]["ledger_lines"], ":cash") == 15_000
    assert balance(debit["detail"]["ledger_lines"], "external:bank:epx") == 15_000
    assert [entry["tran_type"] for entry in await entries(system)] == ["CKC0", "CKC8", "CKC2"]


async def test_a_savings_account_uses_the_savings_family_throughout(system: System) -> None:
    account = await stored_account(system, await merchant(system), "987654321", account_type="savings")
    debit = await debited(system, account["id"])
    assert debit["status"] == "approved"
    assert [entry["tran_type"] for entry in await entries(system)] == ["CKS0", "CKS8", "CKS2"]


async def test_the_same_account_again_is_the_same_resource_and_no_second_prenote(system: System) -> None:
    merchant_id = await merchant(system)
    first = await stored_account(system, merchant_id)
    second = await stored_account(system, merchant_id)
    assert second["id"] == first["id"]
    other = await stored_account(system, merchant_id, "923456789")
    assert other["id"] != first["id"], "another account with the same last four is another account"
    assert [entry["tran_type"] for entry in await entries(system)].count("CKC0") == 2


async def test_a_declined_prenote_ends_as_failed_and_says_who_must_act(system: System) -> None:
    account = await stored_account(system, await merchant(system), "990009414")
    assert (account["state"], account["code"], account["who_must_act"]) == ("failed", "14", "payee")
    assert not account["is_active"]


async def test_a_prenote_that_comes_back_is_never_verified(system: System) -> None:
    account = await stored_account(system, await merchant(system, "prenote_wait"), "990009303")
    assert account["verification_state"] == "submitted"

    await system.advance_clock(days=9)

    account = await system.until(
        f"/v1/ach-accounts/{account['id']}", lambda seen: seen["verification_state"] == "failed"
    )
    assert (account["code"], account["is_active"], account["is_verified"]) == ("R03", False, False)


async def test_a_declined_debit_moves_nothing(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await debited(system, account["id"], 151)
    assert (debit["status"], debit["ach_state"], debit["auth_resp"]) == ("declined", "declined", "51")
    assert debit["who_must_act"] == "payee"
    assert balance(debit["detail"]["ledger_lines"], ":uncleared") == 0
    assert {line["pending"] for line in debit["detail"]["ledger_lines"]} == {True}


async def test_a_return_after_settlement_takes_the_money_back_and_disables_the_account(system: System) -> None:
    account = await stored_account(system, await merchant(system), "990009202")
    debit = await debited(system, account["id"])
    await system.advance_clock(days=9)

    debit = await system.until(f"/v1/ach-debits/{debit['id']}", lambda seen: seen["ach_state"] == "returned")

    assert debit["return_code"] == "R02"
    assert debit["detail"]["money_calls"][0]["returned_at"] is not None
    lines = debit["detail"]["ledger_lines"]
    assert all(balance(lines, name) == 0 for name in (":uncleared", ":cash", "external:bank:epx"))
    account = await system.get(f"/v1/ach-accounts/{account['id']}")
    assert (account["is_active"], account["return_count"]) == (False, 1)


async def test_limits_are_kept_per_debit_and_per_day(system: System) -> None:
    merchant_id = await merchant(system, per_transaction_limit=20_000, per_day_limit=30_000)
    account = await stored_account(system, merchant_id)
    body = {"account_id": account["id"], "currency": "USD"}
    too_much = await system.api.post(
        "/v1/ach-debits", json={**body, "amount": 20_001}, headers={"Idempotency-Key": "limit-1"}
    )
    assert (too_much.status_code, too_much.json()["code"]) == (422, "limit_exceeded")
    await debited(system, account["id"], 20_000)
    too_late = await system.api.post(
        "/v1/ach-debits", json={**body, "amount": 10_001}, headers={"Idempotency-Key": "limit-2"}
    )
    assert (too_late.status_code, too_late.json()["code"]) == (422, "day_limit_exceeded")


async def test_a_gateway_that_cannot_be_reached_delays_and_loses_nothing(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    await system.control.post("/faults", json={"partner": "epx", "operation": "*", "kind": "refuse_connection"})
    debit = await system.post("/v1/ach-debits", {"account_id": account["id"], "amount": 15_000, "currency": "USD"})
    path = f"/v1/ach-debits/{debit['id']}"
    waiting = await system.until(path, lambda seen: seen["ach_state"] == "submitting")
    assert waiting["status"] == "pending"
    await system.control.delete("/faults")
    debit = await system.until(path, lambda seen: seen["ach_state"] == "accepted")
    assert len([entry for entry in await entries(system) if entry["tran_type"] == "CKC2"]) == 1


async def test_a_lost_answer_is_unknown_until_the_closed_report_tells(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    for kind in ("cut_after", "cut_before"):
        await system.control.post("/faults", json={"partner": "epx", "operation": "CKC2", "kind": kind, "count": 1})
        debit = await system.post("/v1/ach-debits", {"account_id": account["id"], "amount": 15_000, "currency": "USD"})
        path = f"/v1/ach-debits/{debit['id']}"
        if kind == "cut_after":
            debit = await system.until(path, lambda seen: seen["ach_state"] == "accepted")
            assert debit["auth_guid"], "the report tells the GUID"
        else:
            debit = await system.until(path, lambda seen: seen["ach_state"] == "unknown")
            assert debit["status"] == "pending"
            await system.advance_clock(days=1)
            debit = await system.until(path, lambda seen: seen["ach_state"] == "not_found")
            assert (debit["status"], debit["code"]) == ("failed", "not_found")
    assert len([entry for entry in await entries(system) if entry["tran_type"] == "CKC2"]) == 1
