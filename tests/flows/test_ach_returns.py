"""Returns and corrections told through the API, against the gateway's own books: feed, file, API and clock."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from settings import Settings
from tests.flows.ach import debited, merchant, stored_account
from tests.system import System


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The system with a folder into which files of returns are dropped."""
    epx = settings.epx.model_copy(update={"drop_folder": tmp_path, "reinitiate_after_banking_days": 1})
    return settings.model_copy(update={"epx": epx})


async def entries(system: System, tran_type: str) -> list[dict[str, Any]]:
    """The gateway's own list of one kind of request."""
    found = (await system.control.get("/books/epx")).json()["entries"]
    return [entry for entry in found if entry["tran_type"] == tran_type]


async def returned(system: System, **filters: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    found: list[dict[str, Any]] = (await system.get(f"/v1/ach-returns?{query}"))["data"]
    return found


async def test_a_debit_without_funds_is_sent_again_on_its_banking_day_and_then_settles(system: System) -> None:
    made = await merchant(system)
    account = await stored_account(system, made, "990009501")  # the first live entry comes back R01, later ones not
    body = {"account_id": account["id"], "amount": 15_000, "currency": "USD", "reinitiate": True}
    debit = await system.post("/v1/ach-debits", body, wait=10)
    await system.advance_clock(days=7)
    [row] = await system.eventually(lambda: returned(system, transaction_id=debit["id"]))
    assert (row["code"], row["state"], row["account_effect"], row["came_by"]) == ("R01", "decided", "none", "feed")
    seen = await system.get(f"/v1/ach-debits/{debit['id']}")
    # whoever presents payments must not debit once more what is sent again by itself
    assert (seen["ach_state"], seen["who_must_act"], seen["retry_advice"]) == ("returned", "nobody", "none")
    assert seen["user_message"].endswith("We will debit your account once more.")

    await system.advance_clock(days=5)
    row = await system.until(f"/v1/ach-returns/{row['id']}", lambda seen: seen["reinitiation_state"] == "made")
    path = f"/v1/ach-debits/{row['reinitiation_id']}"
    again = await system.until(path, lambda seen: seen["ach_state"] == "accepted")
    assert (again["retry_of"], again["retry_number"]) == (debit["id"], 1)
    assert (again["amount"], again["entry_description"]) == (15_000, "RETRY PYMT")
    await system.advance_clock(days=7)
    await system.until(path, lambda seen: seen["ach_state"] == "settled")
    assert len(await entries(system, "CKC2")) == 2


async def test_a_correction_is_applied_to_a_new_token_before_the_next_debit(system: System) -> None:
    account = await stored_account(system, await merchant(system), "990009601")  # C01 on live entries
    first = await debited(system, account["id"])
    await system.advance_clock(days=7)
    path = f"/v1/ach-account-changes?account_id={account['id']}"
    [change] = (await system.until(path, lambda seen: [row["state"] for row in seen["data"]] == ["applied"]))["data"]
    assert (change["code"], change["corrected_fields"]) == ("C01", ["account_number"])
    # a correction never fails the payment that brought it
    await system.until(f"/v1/ach-debits/{first['id']}", lambda seen: seen["ach_state"] == "settled")
    corrected = await system.get(f"/v1/ach-accounts/{account['id']}")
    assert (account["last_four"], corrected["last_four"]) == ("9601", "9602")
    second = await debited(system, account["id"])
    assert second["ach_state"] == "accepted"
    assert len(await entries(system, "CKC8")) == 2, "the corrected account has a token of its own"

    body = {"code": "C01", "auth_guid": first["auth_guid"], "corrected_data": "123456780", "return_date": "2027-03-01"}
    told = await system.post("/v1/ach-returns", body, wait=10)
    assert (told["kind"], told["state"]) == ("noc", "processed")
    assert (await system.get(told["resource"]))["account_id"] == account["id"]


async def test_a_return_told_by_file_by_api_and_by_feed_is_one_return(system: System, settings: Settings) -> None:
    folder = settings.epx.drop_folder
    assert folder is not None
    account = await stored_account(system, await merchant(system))
    debit = await debited(system, account["id"])
    line = f"{debit['auth_guid']},{debit['tran_nbr']},CKC2,R02,ACCOUNT CLOSED,2026-11-27\n"
    text = "AUTH_GUID,TRAN_NBR,TRAN_TYPE,RETURN_CODE,RETURN_REASON,RETURN_DATE\n" + line

    await asyncio.to_thread((folder / "partial.csv").write_text, text[:-1])
    await system.eventually(lambda: asyncio.to_thread(lambda: [*folder.glob("failed/*.csv")]))
    assert await returned(system) == [], "of a partial file nothing is taken"
    for name in ("monday.csv", "monday again.csv"):
        await asyncio.to_thread((folder / name).write_text, text)
    await system.eventually(
        lambda: asyncio.to_thread(lambda: [*folder.glob("done/*.csv")]), lambda done: len(done) == 2
    )
    assert [path.name for path in folder.glob("failed/*.why.txt")]
    body = {"code": "R02", "auth_guid": debit["auth_guid"], "return_date": "2026-11-27"}
    told = await system.post("/v1/ach-returns", body, wait=10)
    await system.control.post("/epx/entries/return", json={"auth_guid": debit["auth_guid"], "code": "R02"})
    await asyncio.sleep(1)
    [row] = await returned(system)
    assert (told["state"], told["id"], row["came_by"]) == ("processed", row["id"], "file")
    assert told["resource"] == row["links"]["self"]
    account = await system.get(f"/v1/ach-accounts/{account['id']}")
    assert (account["is_active"], account["return_count"]) == (False, 1)
    assert (account["code"], account["who_must_act"]) == ("R02", "payee"), "the account itself says why"
    await asyncio.to_thread(shutil.rmtree, folder / "done")


async def test_an_unmatched_return_is_a_case_with_its_age_that_a_person_dismisses(system: System) -> None:
    await merchant(system)
    await system.control.post("/epx/returns/unmatched", json={"code": "R02", "tran_nbr": "999"})
    cases = await system.until("/v1/cases", lambda seen: bool(seen["data"]))
    [case] = cases["data"]
    assert (case["kind"], case["subject_kind"], case["age_seconds"] >= 0) == ("unmatched_return", "ach-return", True)
    row = await system.get(f"/v1/ach-returns/{case['subject_id']}")
    assert (row["state"], row["tran_nbr"], row["who_must_act"]) == ("unmatched", "999", "operator")
    reason = {"reason": "the bank took it back"}
    dismissed = await system.post(f"/v1/ach-returns/{row['id']}/dismiss", reason)
    assert dismissed["state"] == "dismissed"
    assert (await system.get("/v1/cases"))["data"] == []


async def test_rates_and_checklist_are_there_for_an_auditor(system: System) -> None:
    made = await merchant(system)
    account = await stored_account(system, made)
    debit = await debited(system, account["id"])
    await system.post("/v1/ach-returns", {"code": "R10", "auth_guid": debit["auth_guid"], "return_date": "2026-11-27"})
    await system.until(f"/v1/ach-debits/{debit['id']}", lambda seen: seen["ach_state"] == "returned")
    [rates] = (await system.get(f"/v1/return-rates?merchant_id={made}"))["data"]
    unauthorized = rates["rates"][0]
    assert (unauthorized["returned"], unauthorized["originated"], unauthorized["percent"]) == (1, 1, "100.0000")
    assert (unauthorized["standing"], unauthorized["level_percent"]) == ("too_few", "0.5000")
    items = {item["item"]: item for item in (await system.get("/v1/compliance/nacha"))["items"]}
    assert items["authorization_on_record"]["ids"] == [debit["id"]]
    assert items["authorization_on_record"]["status"] == "not_recorded"
    assert items["returns_handled"]["status"] == "met"
