"""An organization's money: reserved at approval, shown on both ledgers at once, and never spent twice."""

import asyncio

from domain.ledger_accounts import organization_cash
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_doubt import fault


async def available(people: People) -> int:
    """What the organization may still spend, in minor units."""
    async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
        money = await uow.ledger.available(organization_cash(people.system.organization_id), "USD")
    return money.minor_units


async def test_pending_lines_show_on_both_ledgers_before_the_bank_has_done_anything(people: People) -> None:
    paused = await fault(people, "book_transfers.create", "pause_before", count=None)
    report_id = await people.approved(3_000, 4_000)

    report = await people.until(report_id, "funding")

    assert await people.transfers("book") == []
    pending = [line for line in report["detail"]["ledger_lines"] if line["pending"]]
    cash = organization_cash(people.system.organization_id)
    clearing = report["payout"]["clearing_account"]
    recorded = [line for line in pending if line["kind"] != "reimbursement_reserved"]
    assert sorted(line["amount"] for line in recorded if line["account"] == cash) == [-4_000, -3_000]
    assert [line["amount"] for line in recorded if line["account"] == clearing] == [7_000]
    assert await available(people) == 93_000
    assert len(report["detail"]["money_calls"]) == 3
    await people.system.control.post(f"/faults/{paused}/release")
    await people.until(report_id, "sent")


async def test_an_approval_beyond_the_balance_is_refused_and_records_nothing(people: People) -> None:
    report_id = await people.reviewed(60_000, 39_900)
    await people.until(await people.approved(101), "sent")

    answer = await people.ask(report_id, "approve")

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_funds")
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert (report["state"], report["payout"]) == ("reimbursement_requested", None)
    assert report["detail"]["ledger_lines"] == []
    assert await available(people) == 99_899
    await people.deposit(1)
    assert (await people.ask(report_id, "approve")).status_code == 202
    await people.until(report_id, "sent")
    assert await available(people) == 0


async def test_of_approvals_that_race_for_the_last_money_only_the_affordable_ones_pass(people: People) -> None:
    reports = [await people.reviewed(40_000) for _ in range(4)]

    answers = await asyncio.gather(*(people.ask(report_id, "approve") for report_id in reports))

    assert sorted(answer.status_code for answer in answers) == [202, 202, 409, 409]
    for report_id, answer in zip(reports, answers, strict=True):
        if answer.status_code == 202:
            await people.until(report_id, "sent")
    assert await available(people) == 20_000
    assert sum(t["amount"] for t in await people.transfers("ach")) == 80_000


async def test_a_repeated_approval_pays_once(people: People) -> None:
    report_id = await people.reviewed(5_000)
    headers = {"Idempotency-Key": "approve-once"}
    path = f"/v1/reports/{report_id}/approve"

    first = await people.system.other_operator.post(path, headers=headers)
    again = await people.system.other_operator.post(path, headers=headers)
    other = await people.ask(report_id, "approve")

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 409)
    assert again.headers["Idempotent-Replayed"] == "true"
    await people.until(report_id, "sent")
    assert len(await people.transfers("ach")) == 1


async def test_a_deposit_is_booked_once_per_line_of_the_bank(people: People) -> None:
    body = {"amount": 500, "currency": "USD", "bank_reference": "line-1", "received_on": "2026-01-05"}

    answer = await people.system.api.post("/v1/deposits", json=body, headers={"Idempotency-Key": "again"})

    assert (answer.status_code, answer.json()["code"]) == (409, "deposit_booked_already")
    assert (await people.balances())["cash"] == 100_000
