"""What a report must be before it is submitted, reviewed and approved: each guard a refusal of its own."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from db.queries import reimbursement_policy as policies
from domain.ids import new_id
from services.api_keys import create_key
from services.operators import add_operator
from tests.flows.reimbursements.files import pdf
from tests.flows.reimbursements.people import People

POLICY = "/v1/reimbursement-policy"


async def ada(people: People, path: str, body: object = None) -> tuple[int, str]:
    """Ada's request that may be refused: status and code."""
    answer = await people.system.api.post(path, json=body, headers={"Idempotency-Key": new_id().hex})
    return answer.status_code, answer.json().get("code", "")


async def grace(people: People, path: str, body: object = None) -> tuple[int, str]:
    """Grace's, who decides."""
    answer = await people.system.other_operator.post(path, json=body, headers={"Idempotency-Key": new_id().hex})
    return answer.status_code, answer.json().get("code", "")


async def test_each_expense_needs_a_receipt_mileage_too_unless_the_organization_asks_for_none(people: People) -> None:
    await people.policy(receipt_required=True)
    drive = {"kind": "mileage", "memo": "Drive", "miles": "10", "spent_on": "2026-01-05"}
    path, (train, driven) = await people.draft({"memo": "Train", "amount": 1_000}, drive)
    await people.upload(path, train, pdf())
    answer = await people.system.api.post(f"{path}/submit", headers={"Idempotency-Key": "bare"})
    assert (answer.status_code, answer.json()["code"]) == (409, "receipt_missing")
    assert answer.json()["detail"] == "These expenses have no receipt: 2."
    await people.upload(path, driven, pdf("A map of the way"))
    assert await ada(people, f"{path}/submit") == (200, "")
    other, _ = await people.draft({"memo": "Bus", "amount": 300})
    await people.policy(receipt_required=False)
    assert await ada(people, f"{other}/submit") == (200, "")


async def test_a_report_above_the_organizations_maximum_stops_at_every_gate(people: People) -> None:
    path, _ = await people.draft({"memo": "Train", "amount": 600}, {"memo": "Bus", "amount": 500})
    await people.policy(maximum=1_000)
    assert await ada(people, f"{path}/submit") == (422, "report_above_maximum")
    await people.policy(maximum=1_100)
    assert await ada(people, f"{path}/submit") == (200, "")
    await people.policy(maximum=1_000)
    assert await grace(people, f"{path}/review", {}) == (422, "report_above_maximum")
    (train, _) = (await people.system.get(path))["expenses"]
    assert await grace(people, f"{path}/review", {"expense_ids": [train["id"]]}) == (200, "")
    await people.policy(maximum=599)
    assert await grace(people, f"{path}/approve") == (422, "report_above_maximum")
    await people.policy(maximum=None)
    assert await grace(people, f"{path}/approve") == (202, "")
    await people.until(path.rpartition("/")[2], "sent")


async def test_a_reports_own_maximum_is_set_by_somebody_else_and_before_review_only(people: People) -> None:
    path, _ = await people.draft({"memo": "Train", "amount": 600})
    own = await people.system.api.put(f"{path}/maximum", json={"maximum": 10_000})
    assert (own.status_code, own.json()["code"]) == (403, "own_report")
    set_ = await people.system.other_operator.put(f"{path}/maximum", json={"maximum": 599})
    assert set_.json()["maximum"] == 599
    assert await ada(people, f"{path}/submit") == (422, "report_above_maximum")
    await people.system.other_operator.put(f"{path}/maximum", json={"maximum": 600})
    assert await ada(people, f"{path}/submit") == (200, "")
    assert await grace(people, f"{path}/review", {}) == (200, "")
    late = await people.system.other_operator.put(f"{path}/maximum", json={"maximum": None})
    assert (late.status_code, late.json()["code"]) == (409, "report_state_conflict")


async def test_a_frozen_organization_submits_reviews_and_approves_nothing(people: People) -> None:
    draft, _ = await people.draft({"memo": "Train", "amount": 600})
    submitted, _ = await people.draft({"memo": "Train", "amount": 600})
    await people.system.post(f"{submitted}/submit", None)
    requested = f"/v1/reports/{await people.reviewed(600)}"
    await people.policy(frozen=True)
    frozen = (409, "organization_frozen")
    assert await ada(people, f"{draft}/submit") == frozen
    assert await grace(people, f"{submitted}/review", {}) == frozen
    assert await grace(people, f"{requested}/approve") == frozen
    await people.policy(frozen=False)
    assert await grace(people, f"{requested}/approve") == (202, "")
    await people.until(requested.rpartition("/")[2], "sent")


async def test_a_freeze_comes_before_a_decision_or_after_it_never_in_between(people: People) -> None:
    database = people.system.house.database
    async with database.unit_of_work(people.system.organization_id, actor="test") as decision:
        assert (await policies.held(decision)).frozen is False
        freezing = asyncio.create_task(people.policy(frozen=True))
        await asyncio.sleep(0.5)
        assert not freezing.done()
    await freezing
    async with database.unit_of_work(people.system.organization_id, actor="test") as decision:
        assert (await policies.held(decision)).frozen is True


async def test_a_payout_that_failed_is_not_tried_again_while_the_organization_is_frozen(people: People) -> None:
    report_id = await people.approved(600)
    await people.until(report_id, "sent")
    (transfer,) = await people.transfers("ach")
    await people.send_back(transfer["id"], "R03")
    await people.until(report_id, "returned")
    method = await people.add_method("55556666")
    await people.policy(frozen=True)
    frozen = (409, "organization_frozen")
    assert await grace(people, f"/v1/reports/{report_id}/retry", {}) == frozen
    changed = {"payout_method_id": method["id"]}
    assert await grace(people, f"/v1/reports/{report_id}/payout-method", changed) == frozen
    await people.policy(frozen=False)
    assert await grace(people, f"/v1/reports/{report_id}/payout-method", changed) == (202, "")
    await people.until(report_id, "sent")


async def test_an_organization_short_of_funds_is_told_at_the_review_already(people: People) -> None:
    path, _ = await people.draft({"memo": "Train", "amount": 100_001})
    await people.system.post(f"{path}/submit", None)
    assert await grace(people, f"{path}/review", {}) == (409, "insufficient_funds")
    assert (await people.system.get(path))["state"] == "submitted"
    assert [expense["state"] for expense in (await people.system.get(path))["expenses"]] == ["pending"]


async def test_a_payee_without_a_name_is_not_submitted_for(people: People) -> None:
    nobody = await people.system.post("/v1/payees", {"name": " ", "email": "nobody@example.test"})
    people.payee = nobody
    await people.add_method("987654321")
    path, _ = await people.draft({"memo": "Train", "amount": 1_000})
    assert await ada(people, f"{path}/submit") == (409, "payee_name_missing")


async def test_another_currency_than_dollars_is_refused_before_anything_is_written(people: People) -> None:
    body = {"payee_id": people.payee["id"], "currency": "EUR"}
    assert await ada(people, "/v1/reports", body) == (422, "unsupported_currency")


@pytest.mark.parametrize("name", ["", "x" * 201, "two\nlines", "bell\a"])
async def test_a_name_that_a_bank_could_not_carry_is_refused(people: People, name: str) -> None:
    assert (await ada(people, "/v1/reports", {"payee_id": people.payee["id"], "name": name}))[0] == 422
    path, _ = await people.draft()
    assert (await people.system.api.patch(path, json={"name": name})).status_code == 422


async def test_an_expense_of_nothing_cannot_be_written(people: People) -> None:
    path, _ = await people.draft()
    assert (await ada(people, f"{path}/expenses", {"memo": "Nothing", "amount": 0}))[0] == 422


async def test_only_a_key_with_the_policys_own_scope_changes_it_and_each_change_is_audited(people: People) -> None:
    database = people.system.house.database
    key = await create_key(
        database,
        people.system.organization_id,
        operator_email="grace@example.test",
        name="reviewer",
        scopes=["reports:read", "reports:write", "reports:review", "reports:approve"],
        live=False,
        expires_in=None,
        actor="test",
    )
    async with httpx.AsyncClient(
        transport=people.system.api._transport,
        base_url="http://bursar.test",
        headers={"Authorization": f"Bearer {key.secret}"},
    ) as reviewer:
        assert (await reviewer.get(POLICY)).status_code == 200
        assert (await reviewer.patch(POLICY, json={"receipt_required": False})).status_code == 403
        assert (
            await reviewer.post(
                "/v1/mileage-rates",
                json={"effective_from": "2026-01-01", "cents_per_mile": "900"},
                headers={"Idempotency-Key": "rate"},
            )
        ).status_code == 403
        limits = (await reviewer.get("/v1/approval-limits")).json()["data"]
        put = await reviewer.put(f"/v1/approval-limits/{limits[0]['operator_id']}", json={"per_day": 10**9})
        assert put.status_code == 403
    await people.policy(maximum=5)
    async with database.unit_of_work(people.system.organization_id, actor="test") as uow:
        rows = await uow.all(
            text("select actor, detail from audit.entry where action = 'reimbursement_policy.changed' order by id")
        )
    assert rows[-1]["detail"] == {"maximum": {"from": None, "to": 5}}
    assert rows[-1]["actor"].startswith("operator/")


@pytest.mark.parametrize("body", [{"frozen": None}, {"receipt_required": "no"}, {"maximum": 0}, {"unknown": 1}])
async def test_a_policy_that_means_nothing_is_refused(people: People, body: dict[str, object]) -> None:
    assert (await people.system.api.patch(POLICY, json=body)).status_code == 422


async def test_who_never_chose_a_policy_asks_for_receipts_and_an_organizer(people: People) -> None:
    """The story tests turn receipts off; an organization that says nothing has the strict policy."""
    async with await _other_organization(people) as other:
        assert (await other.get(POLICY)).json() == {
            "frozen": False,
            "receipt_required": True,
            "organizer_approval": True,
            "maximum": None,
        }
        assert (await other.patch(POLICY, json={})).json()["receipt_required"] is True


async def _other_organization(people: People) -> httpx.AsyncClient:
    database = people.system.house.database
    added = await add_operator(database, organization="Others", name="Eve", email="eve@example.test", actor="test")
    key = await create_key(
        database,
        added.organization_id,
        operator_email="eve@example.test",
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
    )
