"""Who decides, on what exactly, and how much of it in a day."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.ids import new_id, parse_public_id
from domain.ledger_accounts import organization_cash
from services.api_keys import create_key
from services.operators import add_operator
from tests.flows.reimbursements.files import pdf
from tests.flows.reimbursements.people import People


async def operator(people: People, name: str) -> httpx.AsyncClient:
    """A further operator who may do everything."""
    database, email = people.system.house.database, f"{name.lower()}@example.test"
    added = await add_operator(database, organization="Test organization", name=name, email=email, actor="test")
    key = await create_key(
        database,
        added.organization_id,
        operator_email=email,
        name="test",
        scopes=["*"],
        live=False,
        expires_in=None,
        actor="test",
    )
    return httpx.AsyncClient(
        transport=people.system.api._transport,
        base_url="http://bursar.test",
        headers={"Authorization": f"Bearer {key.secret}"},
        timeout=60,
    )


@pytest.fixture
async def hedy(people: People) -> AsyncIterator[httpx.AsyncClient]:
    async with await operator(people, "Hedy") as client:
        yield client


async def ask(client: httpx.AsyncClient, path: str, body: object = None) -> tuple[int, str]:
    answer = await client.post(path, json=body, headers={"Idempotency-Key": new_id().hex})
    return answer.status_code, answer.json().get("code", "")


async def limit(people: People, client: httpx.AsyncClient, name: str, per_day: int | None) -> httpx.Response:
    """Set an operator's limit."""
    found = (await people.system.get("/v1/approval-limits"))["data"]
    (key,) = [row["operator_id"] for row in found if row["name"] == name]
    return await client.put(f"/v1/approval-limits/{key}", json={"per_day": per_day})


async def by_hand(people: People, statement: str, report_id: str) -> None:
    key = parse_public_id("rmr", report_id, field="id")
    async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
        await uow.connection.execute(text(statement).bindparams(id=key))


async def test_whoever_wrote_one_expense_decides_on_nothing_of_the_report(
    people: People, hedy: httpx.AsyncClient
) -> None:
    grace = people.system.other_operator
    path, _ = await people.draft({"memo": "Train", "amount": 1_000})
    await people.system.post(f"{path}/expenses", {"memo": "Hotel", "amount": 9_000}, client=grace)
    await people.system.post(f"{path}/submit", None)
    for verb, body in (("review", {}), ("reject", {"reason": "no"})):
        assert await ask(grace, f"{path}/{verb}", body) == (403, "own_report")
    assert await ask(hedy, f"{path}/review", {}) == (200, "")
    assert await ask(grace, f"{path}/approve") == (403, "own_report")
    assert await ask(hedy, f"{path}/approve") == (202, "")
    await people.until(path.rpartition("/")[2], "sent")


async def test_attaching_a_receipt_or_changing_the_method_makes_an_author_too(people: People) -> None:
    grace = people.system.other_operator
    path, (expense,) = await people.draft({"memo": "Train", "amount": 1_000})
    headers = {"Idempotency-Key": "receipt", "Content-Type": "application/pdf"}
    made = await grace.post(f"{path}/expenses/{expense['id']}/receipts", content=pdf(), headers=headers)
    assert made.status_code == 201
    named, _ = await people.draft({"memo": "Train", "amount": 1_000})
    assert (await grace.patch(named, json={"name": "Mine"})).is_success
    for report in (path, named):
        await people.system.post(f"{report}/submit", None)
        assert await ask(grace, f"{report}/review", {}) == (403, "own_report")


async def test_a_payee_who_became_an_operator_later_is_still_the_payee(people: People) -> None:
    email = f"maria{people.payee_account}@example.test"
    report_id = await people.reviewed(1_000)
    async with await operator(people, email.partition("@")[0].upper()) as maria:
        assert await ask(maria, f"/v1/reports/{report_id}/approve") == (403, "own_report")
        path, _ = await people.draft({"memo": "Train", "amount": 1_000})
        await people.system.post(f"{path}/submit", None)
        assert await ask(maria, f"{path}/review", {}) == (403, "own_report")


async def test_the_database_keeps_authors_from_deciding_and_from_being_forgotten(people: People) -> None:
    report_id = await people.reviewed(1_000)
    with pytest.raises(DBAPIError, match="keeps its authors"):
        await by_hand(people, "update report set authors = '{}' where id = :id", report_id)
    with pytest.raises(DBAPIError, match=r"approved_by_another|authors_decide_nothing"):
        await by_hand(people, "update report set approved_by = authors[1] where id = :id", report_id)
    with pytest.raises(DBAPIError, match="their own expense"):
        await by_hand(
            people,
            "update expense set approved_by = (select authors[1] from report where id = :id) where report_id = :id",
            report_id,
        )


async def test_the_database_takes_no_other_amount_for_approved_than_that_of_the_approved_expenses(
    people: People,
) -> None:
    report_id = await people.reviewed(1_000, 500)
    for amount in (1_499, 1_501, 0):
        with pytest.raises(DBAPIError, match="of the approved expenses"):
            await by_hand(
                people,
                f"update report set state = 'reimbursement_approved', approved_amount = {amount},"
                " approved_by = reviewed_by, approval_hash = 'x', holding_id = id where id = :id",
                report_id,
            )


async def test_without_organizers_the_approver_approves_the_expenses(people: People) -> None:
    await people.policy(organizer_approval=False)
    path, _ = await people.draft({"memo": "Train", "amount": 1_000}, {"memo": "Bus", "amount": 200})
    submitted = await people.system.post(f"{path}/submit", None)
    assert (submitted["state"], submitted["amount"]) == ("reimbursement_requested", 1_200)
    assert await ask(people.system.api, f"{path}/approve") == (403, "own_report")
    assert await ask(people.system.other_operator, f"{path}/approve") == (202, "")
    report = await people.until(path.rpartition("/")[2], "sent")
    assert [expense["state"] for expense in report["expenses"]] == ["approved", "approved"]
    assert report["payout"]["amount"] == 1_200


async def test_a_report_submitted_without_organizers_needs_one_once_the_organization_asks_for_it(
    people: People,
) -> None:
    await people.policy(organizer_approval=False)
    path, _ = await people.draft({"memo": "Train", "amount": 1_000})
    await people.system.post(f"{path}/submit", None)
    await people.policy(organizer_approval=True)
    grace = people.system.other_operator
    assert await ask(grace, f"{path}/approve") == (409, "review_missing")
    await people.system.post(f"{path}/return-to-draft", None)
    await people.system.post(f"{path}/submit", None)
    assert await ask(grace, f"{path}/review", {}) == (200, "")
    assert await ask(grace, f"{path}/approve") == (202, "")
    await people.until(path.rpartition("/")[2], "sent")


async def test_a_decision_on_a_report_that_changed_since_it_was_seen_is_refused(people: People) -> None:
    grace = people.system.other_operator
    path, (expense,) = await people.draft({"memo": "Train", "amount": 1_000})
    hashes = [(await people.system.post(f"{path}/submit", None))["content_hash"]]
    assert await ask(grace, f"{path}/review", {"content_hash": "0" * 64}) == (409, "report_changed")
    assert await ask(grace, f"{path}/review", {"content_hash": hashes[0]}) == (200, "")

    async def edited() -> str:
        await people.system.post(f"{path}/submit", None)
        await people.system.post(f"{path}/review", {}, client=grace)
        return str((await people.system.get(path))["content_hash"])

    await people.system.post(f"{path}/return-to-draft", None)
    changed = await people.system.api.put(f"{path}/expenses/{expense['id']}", json={"memo": "Train", "amount": 1_001})
    assert changed.json()["state"] == "pending"
    hashes.append(await edited())
    await people.system.post(f"{path}/return-to-draft", None)
    await people.upload(path, expense, pdf())
    hashes.append(await edited())
    await people.system.post(f"{path}/return-to-draft", None)
    method = await people.add_method("55556666")
    await people.system.api.patch(path, json={"payout_method_id": method["id"]})
    hashes.append(await edited())
    await people.system.post(f"{path}/return-to-draft", None)
    drive = {"kind": "mileage", "memo": "Train", "miles": "13.81", "spent_on": "2026-01-05"}
    same = await people.system.api.put(f"{path}/expenses/{expense['id']}", json=drive)
    assert same.json()["amount"] == 1_001
    hashes.append(await edited())
    assert len(set(hashes)) == 5
    for old in hashes[:-1]:
        assert await ask(grace, f"{path}/approve", {"content_hash": old}) == (409, "report_changed")
    assert await ask(grace, f"{path}/approve", {"content_hash": hashes[-1]}) == (202, "")
    await people.until(path.rpartition("/")[2], "sent")


async def test_an_approver_who_used_up_the_day_waits_for_24_hours_to_pass(people: People) -> None:
    grace = people.system.other_operator
    assert (await limit(people, people.system.api, "Grace", 1_000)).json()["per_day"] == 1_000
    first, second = await people.reviewed(600), await people.reviewed(401)
    assert await ask(grace, f"/v1/reports/{first}/approve") == (202, "")
    assert await ask(grace, f"/v1/reports/{second}/approve") == (422, "approval_limit_exceeded")
    (row,) = [row for row in (await people.system.get("/v1/approval-limits"))["data"] if row["name"] == "Grace"]
    assert (row["used"], row["is_default"]) == (600, False)
    await people.until(first, "sent")
    await people.system.advance_clock(hours=23)
    assert await ask(grace, f"/v1/reports/{second}/approve") == (422, "approval_limit_exceeded")
    await people.system.advance_clock(hours=1)
    assert await ask(grace, f"/v1/reports/{second}/approve") == (202, "")
    await people.until(second, "sent")


async def test_two_approvals_at_once_do_not_both_take_the_last_of_a_limit(
    people: People, hedy: httpx.AsyncClient
) -> None:
    await limit(people, people.system.api, "Grace", 1_000)
    reports = [await people.reviewed(300) for _ in range(6)]
    grace = people.system.other_operator
    answers = await asyncio.gather(*(ask(grace, f"/v1/reports/{report_id}/approve") for report_id in reports))
    passed = [report_id for report_id, answer in zip(reports, answers, strict=True) if answer == (202, "")]
    assert sorted(answers) == [(202, "")] * 3 + [(422, "approval_limit_exceeded")] * 3
    # what one may not any more, another may
    (left, *_) = [report_id for report_id in reports if report_id not in passed]
    assert await ask(hedy, f"/v1/reports/{left}/approve") == (202, "")
    for report_id in (*passed, left):
        await people.until(report_id, "sent")


async def test_nobody_sets_their_own_limit(people: People) -> None:
    answer = await limit(people, people.system.other_operator, "Grace", 10**9)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_limit")
    assert (await limit(people, people.system.api, "Grace", 0)).json()["per_day"] == 0
    report_id = await people.reviewed(1)
    approve = f"/v1/reports/{report_id}/approve"
    assert await ask(people.system.other_operator, approve) == (422, "approval_limit_exceeded")
    assert (await limit(people, people.system.api, "Grace", None)).json()["is_default"] is True


async def test_of_twenty_approvals_at_once_only_as_many_pass_as_the_balance_bears(people: People) -> None:
    reports = [await people.reviewed(7_000, 5_000) for _ in range(20)]
    grace = people.system.other_operator

    answers = await asyncio.gather(*(ask(grace, f"/v1/reports/{report_id}/approve") for report_id in reports))

    assert sorted(answers) == [(202, "")] * 8 + [(409, "insufficient_funds")] * 12
    for report_id, answer in zip(reports, answers, strict=True):
        if answer == (202, ""):
            await people.until(report_id, "sent")
        else:
            assert (await people.system.get(f"/v1/reports/{report_id}"))["state"] == "reimbursement_requested"
    async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
        left = await uow.ledger.available(organization_cash(people.system.organization_id), "USD")
    assert left.minor_units == 4_000
    assert sum(transfer["amount"] for transfer in await people.transfers("ach")) == 96_000


async def test_a_second_payout_of_the_same_report_cannot_be_written(people: People) -> None:
    report_id = await people.approved(1_000)
    await people.until(report_id, "sent")
    copies = (
        (
            "insert into payout_holding (id, organization_id, report_id, amount, currency, method_id)"
            " select gen_random_uuid(), organization_id, report_id, amount, currency, method_id from payout_holding"
            " where report_id = :id"
        ),
        (
            "insert into expense_payout"
            " (id, organization_id, report_id, holding_id, expense_id, amount, currency)"
            " select gen_random_uuid(), organization_id, report_id, holding_id, expense_id, amount, currency"
            " from expense_payout where report_id = :id"
        ),
    )
    for statement in copies:
        with pytest.raises(DBAPIError, match="is paid"):
            await by_hand(people, statement, report_id)
    async with people.system.house.database.across_organizations(actor="test") as uow:
        unique = await uow.connection.execute(
            text("select indexname from pg_indexes where indexname in (:one, :two) and indexdef like '%UNIQUE%'"),
            {"one": "uq_payout_holding_report", "two": "uq_expense_payout_expense"},
        )
        assert len(unique.all()) == 2
