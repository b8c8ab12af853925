"""A debit whose answer was lost, at a gateway that cannot be asked: a case that a person can read, never sent again."""

import pytest

from settings import Settings
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import ask, book, entry, refund, refusal, void
from tests.proof import prove
from tests.system import System


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As in production: no report file."""
    return settings.model_copy(update={"epx": settings.epx.model_copy(update={"inquiry_source": "none"})})


async def test_a_lost_answer_is_a_case_with_its_evidence_and_age(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    await system.control.post("/faults", json={"partner": "epx", "operation": "CKC2", "kind": "cut_after", "count": 1})
    debit = await system.post("/v1/ach-debits", {"account_id": account["id"], "amount": 15_000, "currency": "USD"})
    [case] = (await system.until("/v1/cases", lambda seen: bool(seen["data"])))["data"]
    assert (case["kind"], case["subject_kind"], case["subject_id"]) == ("needs_person", "ach-debit", debit["id"])
    assert "cannot tell whether it did debit" in case["summary"]
    assert 0 <= case["age_seconds"] < 600
    evidence = case["evidence"][0]
    seen = await system.get(f"/v1/ach-debits/{debit['id']}")
    assert (evidence["rail_reference"], evidence["amount"]) == (seen["tran_nbr"], 15_000)
    assert evidence["money_call_id"] == seen["detail"]["money_calls"][0]["id"]
    assert evidence["first_sent_at"]
    assert seen["ach_state"] == "unknown"
    book = (await system.control.get("/books/epx")).json()["entries"]
    assert len([entry for entry in book if entry["tran_type"] == "CKC2"]) == 1


async def test_a_debit_that_a_person_found_without_its_guid_is_neither_voided_nor_refunded(system: System) -> None:
    """Both would name it by the GUID, which stood in the lost answer: the money goes back as a payout."""
    account = await stored_account(system, await merchant(system))
    await system.control.post("/faults", json={"partner": "epx", "operation": "CKC2", "kind": "cut_after", "count": 1})
    debit = await system.post("/v1/ach-debits", {"account_id": account["id"], "amount": 15_000, "currency": "USD"})
    [case] = (await system.until("/v1/cases", lambda seen: bool(seen["data"])))["data"]
    path = f"/v1/money-calls/{case['evidence'][0]['money_call_id']}"
    found = {"outcome": "applied", "evidence": "the gateway's support, by telephone"}
    proposed = await system.post(f"{path}/resolve", found)
    seen = {"seen": proposed["proposal"]["seen"]}
    await system.post(f"{path}/confirm", seen, client=system.other_operator)
    await entry(system, "ach-debits", debit, "accepted")
    for answer in (await void(system, debit["id"]), await refund(system, debit["id"], 15_000)):
        assert refusal(answer) == (409, "no_auth_guid")


async def test_a_person_cannot_give_a_debit_the_id_of_another_one(system: System) -> None:
    """A void, a refund or a return of it would be the other's."""
    account = await stored_account(system, await merchant(system))
    other = await debited(system, account["id"], 900)
    await system.control.post("/faults", json={"partner": "epx", "operation": "CKC2", "kind": "cut_after", "count": 1})
    debit = await system.post("/v1/ach-debits", {"account_id": account["id"], "amount": 15_000, "currency": "USD"})
    [case] = (await system.until("/v1/cases", lambda seen: bool(seen["data"])))["data"]
    path = f"/v1/money-calls/{case['evidence'][0]['money_call_id']}"
    said = {"outcome": "applied", "evidence": "the gateway's portal, page 3"}
    wrong = await ask(system, f"{path}/resolve", {**said, "rail_id": other["auth_guid"]})
    assert refusal(wrong) == (409, "rail_id_used")
    none = await ask(system, f"{path}/resolve", {**said, "rail_id": "TICKET-4711"})
    assert (refusal(none), none.json()["field"]) == ((422, "invalid_input"), "/rail_id")

    [taken] = [row for row in await book(system, "2") if row["amount"] == 15_000]
    proposed = await system.post(f"{path}/resolve", {**said, "rail_id": taken["guid"]})
    seen = {"seen": proposed["proposal"]["seen"]}
    own = await ask(system, f"{path}/confirm", seen)
    assert refusal(own) == (403, "same_operator")
    await system.post(f"{path}/confirm", seen, client=system.other_operator)
    await system.post(f"{path}/confirm", seen, client=system.other_operator)  # as if the answer had been lost
    late = await ask(system, f"{path}/confirm", seen)
    assert refusal(late) == (409, "nothing_proposed")
    found = await entry(system, "ach-debits", debit, "accepted")
    assert found["auth_guid"] == taken["guid"]
    voided = await void(system, debit["id"])
    assert voided.status_code in (200, 202)
    await entry(system, "ach-debits", debit, "voided")
    await prove(system)
