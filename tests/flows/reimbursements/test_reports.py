"""Writing and deciding on reports: who may, when, and what an approval binds to."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.ids import new_id, parse_public_id
from tests.flows.reimbursements.people import People


async def post(people: People, path: str, body: object = None) -> tuple[int, str]:
    """Ada's request that may be refused: status and code."""
    answer = await people.system.api.post(path, json=body, headers={"Idempotency-Key": new_id().hex})
    return answer.status_code, answer.json().get("code", "")


async def test_nobody_reviews_or_approves_their_own_report(people: People) -> None:
    report = await people.system.post("/v1/reports", {"payee_id": people.payee["id"]})
    path = f"/v1/reports/{report['id']}"
    await people.system.post(f"{path}/expenses", {"memo": "Train", "amount": 1_000})
    await people.system.post(f"{path}/submit", None)
    assert await post(people, f"{path}/review", {}) == (403, "own_report")
    await people.system.post(f"{path}/review", {}, client=people.system.other_operator)
    assert await post(people, f"{path}/approve") == (403, "own_report")


async def test_an_operator_who_is_the_payee_does_not_approve_even_what_others_wrote(people: People) -> None:
    grace = await people.system.post("/v1/payees", {"name": "Grace", "email": "GRACE@example.test"})
    body = {"routing_number": "011000015", "account_number": "987654321"}
    await people.system.post(f"/v1/payees/{grace['id']}/payout-methods", body)
    report = await people.system.post("/v1/reports", {"payee_id": grace["id"]})
    path = f"/v1/reports/{report['id']}"
    await people.system.post(f"{path}/expenses", {"memo": "Train", "amount": 1_000})
    await people.system.post(f"{path}/submit", None)

    answer = await people.ask(report["id"], "review")

    assert (answer.status_code, answer.json()["code"]) == (403, "own_report")


async def test_only_approved_expenses_are_paid(people: People) -> None:
    report = await people.system.post("/v1/reports", {"payee_id": people.payee["id"], "name": "Workshop"})
    path = f"/v1/reports/{report['id']}"
    train = await people.system.post(f"{path}/expenses", {"memo": "Train", "amount": 1_000})
    await people.system.post(f"{path}/expenses", {"memo": "Champagne", "amount": 9_000})
    await people.system.post(f"{path}/submit", None)
    other = people.system.other_operator
    reviewed = await people.system.post(f"{path}/review", {"expense_ids": [train["id"]]}, client=other)
    assert reviewed["amount"] == 1_000
    await people.system.post(f"{path}/approve", None, client=other)
    sent = await people.until(report["id"], "sent")
    assert [p["amount"] for p in sent["payout"]["expense_payouts"]] == [-1_000]


async def test_a_rejected_report_goes_nowhere_but_back_to_a_draft(people: People) -> None:
    report_id = await people.reviewed(1_000)
    assert (await people.ask(report_id, "reject", {"reason": "Not ours"})).status_code == 200
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert (report["state"], report["message"]) == ("rejected", "Not ours")

    for verb in ("submit", "review", "approve", "cancel", "reverse"):
        assert (await people.ask(report_id, verb)).status_code == 409, verb
    await people.system.post(f"/v1/reports/{report_id}/return-to-draft", None)

    report = await people.system.get(f"/v1/reports/{report_id}")
    assert (report["state"], [expense["state"] for expense in report["expenses"]]) == ("draft", ["pending"])


async def test_a_submitted_report_does_not_change_until_it_is_a_draft_again(people: People) -> None:
    report_id = await people.reviewed(1_000)
    path = f"/v1/reports/{report_id}"
    assert await post(people, f"{path}/expenses", {"memo": "More", "amount": 1}) == (409, "report_not_draft")
    assert (await people.system.api.patch(path, json={"name": "Other"})).json()["code"] == "report_not_draft"
    key = parse_public_id("rmr", report_id, field="id")
    with pytest.raises(DBAPIError, match="in a draft only"):
        await by_hand(people, "update expense set amount = 99 where report_id = :id", key)

    await people.system.post(f"{path}/return-to-draft", None)

    report = await people.system.get(path)
    assert [expense["state"] for expense in report["expenses"]] == ["pending"]
    await people.system.post(f"{path}/expenses", {"memo": "More", "amount": 500})
    assert (await people.system.get(path))["amount"] == 1_500


async def test_what_was_approved_is_frozen_even_for_plain_sql(people: People) -> None:
    report_id = await people.approved(1_000)
    await people.until(report_id, "sent")
    key = parse_public_id("rmr", report_id, field="id")
    for statement in (
        "update report set payee_id = payee_id, method_id = null where id = :id",
        "update report set approval_hash = 'x'::bytea where id = :id",
        "update payout_holding set amount = amount + 1 where report_id = :id",
        "update expense_payout set amount = amount - 1 where report_id = :id",
        "update expense set state = 'pending', approved_by = null where report_id = :id",
    ):
        with pytest.raises(DBAPIError, match="frozen"):
            await by_hand(people, statement, key)


async def test_an_empty_report_and_one_without_a_method_are_not_submitted(people: People) -> None:
    poor = await people.system.post("/v1/payees", {"name": "Nobody", "email": "nobody@example.test"})
    report = await people.system.post("/v1/reports", {"payee_id": poor["id"]})
    path = f"/v1/reports/{report['id']}"
    assert await post(people, f"{path}/submit") == (409, "report_empty")
    await people.system.post(f"{path}/expenses", {"memo": "Train", "amount": 1_000})
    assert await post(people, f"{path}/submit") == (409, "payout_method_missing")


async def test_a_corrected_method_is_a_new_record_and_the_old_one_is_kept(people: People) -> None:
    new = await people.add_method("55556666", replaces=people.method["id"])
    assert (new["default"], new["replaces"]) == (True, people.method["id"])
    payee = await people.system.get(f"/v1/payees/{people.payee['id']}")
    assert [method["id"] for method in payee["payout_methods"]] == [new["id"]]
    assert payee["name"].startswith("Maria")
    report_id = await people.reviewed(1_000)
    path = f"/v1/payees/{people.payee['id']}/payout-methods"
    body = {"routing_number": "011000015", "account_number": "44445555", "replaces": new["id"]}
    assert await post(people, path, body) == (409, "payout_method_in_use")
    assert await post(people, f"{path}/{new['id']}/archive") == (409, "default_payout_method")
    assert report_id


async def test_bank_details_and_people_are_in_no_table_in_plain_text(people: People) -> None:
    report_id = await people.approved(1_000)
    await people.until(report_id, "sent")
    async with people.system.house.database.across_organizations(actor="test") as uow:
        for table in (
            "payee",
            "payout_method",
            "money_call",
            "mail",
            "inbox_event",
            "idempotency_key",
            "outgoing_event",
        ):
            rows = (await uow.connection.execute(text(f"select t::text from {table} as t"))).scalars().all()
            assert rows or table == "mail", table
            dump = "\n".join(rows)
            assert people.payee_account not in dump, table
            assert people.payee_account.encode().hex() not in dump, table
            assert b"aria".hex() not in dump, table
            assert "maria" not in dump.lower(), table


async def by_hand(people: People, statement: str, report_key: object) -> None:
    """A statement of the application's own role."""
    async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
        await uow.connection.execute(text(statement), {"id": report_key})
