"""The daily look at the partners' own lists: what no webhook told is made up for, what nobody here made is a case."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
from sqlalchemy import text

from activities.payout_reconciliation import PayoutReconciliation, statements
from activities.schedules import RECONCILIATION_ID, keep_reconciliation
from domain.ids import new_id, public_id
from rails.listed import Statement
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_checks import at_the_bank

NOTHING = {"missed": 0, "unknown": 0, "differing": 0, "missing": 0, "unread": 0}


async def look(people: People) -> dict[str, Any]:
    """What the schedule does, done now: the workflow's report without the count of what was looked at."""
    report: dict[str, Any] = await people.system.house.temporal.execute_workflow(
        "payout-reconciliation",
        id=f"payout-reconciliation/{new_id()}",
        task_queue=people.system.settings.temporal.task_queue,
    )
    assert report.pop("looked_at") > 0
    return report


async def cases(people: People) -> list[tuple[str, str, str]]:
    """Kind, organization or nothing, and the transfer of each case that a look may open."""
    async with people.system.house.database.across_organizations(actor="test") as uow:
        rows = await uow.all(
            text(
                "select kind, organization_id, evidence->0->>'transfer_id' as transfer, jsonb_array_length(evidence) as"
                " times from case_file where kind like 'transfer_%' order by kind, 3"
            )
        )
    assert all(row["times"] == 1 for row in rows)
    return [(row["kind"], "ours" if row["organization_id"] else "the house's", row["transfer"]) for row in rows]


async def test_what_no_webhook_told_is_found_in_the_lists_and_webhooks_that_come_late_change_nothing(
    people: People,
) -> None:
    await people.system.control.post("/column/webhooks/hold", json={"hold": True})
    await people.system.control.put("/paypal/webhook", json={"hold": True})
    await people.top_up(20_000)
    reports = {"settled": await people.approved(1_000), "returned": await people.approved(2_000)}
    for name, way, amount in (("cashed", "check", 3_000), ("claimed", "paypal", 4_000)):
        await people.add_way(way, default=True)
        reports[name] = await people.approved(amount)
    await people.add_way("check", line_1="13 Main Street", default=True)
    reports["lost"] = await people.approved(5_000)
    for report_id in reports.values():
        await people.until(report_id, "sent")
    by_amount = {transfer["amount"]: transfer for transfer in await people.transfers("ach")}
    await people.settle(by_amount[1_000]["id"])
    await people.settle(by_amount[2_000]["id"])
    await people.send_back(by_amount[2_000]["id"], "R03")
    cashed, lost = await people.transfers("check")
    await at_the_bank(people, cashed, "cash")
    await at_the_bank(people, lost, "come-back")
    (item,) = await people.items()
    await people.item_becomes(item, "SUCCESS")

    assert await look(people) == NOTHING | {"missed": 5}

    ends = dict(zip(reports, ("settled", "returned", "settled", "settled", "action_required"), strict=True))
    for name, report_id in reports.items():
        report = await people.until(report_id, ends[name])
        assert (report["state"] == "reimbursed") == (ends[name] == "settled")
    returned = await people.system.get(f"/v1/reports/{reports['returned']}")
    assert (returned["payout"]["code"], returned["payout"]["who_must_act"]) == ("R03", "payee")
    assert len(await people.system.eventually(people.mails)) == 1
    assert await look(people) == NOTHING

    await people.system.control.post("/column/webhooks/release", json={"order": "reversed"})
    await people.system.control.put("/paypal/webhook", json={"hold": False})
    await people.system.eventually(lambda: nothing_waits(people))
    assert {name: await state(people, report_id) for name, report_id in reports.items()} == ends
    assert len(await people.mails()) == 1
    assert await cases(people) == []


async def nothing_waits(people: People) -> bool:
    """Whether the inbox is done with what it has, and has all."""
    async with people.system.house.database.across_organizations(actor="test") as uow:
        row = await uow.one_or_none(
            text(
                "select count(*) filter (where state in ('stored', 'waiting')) as left,"
                " count(*) filter (where event_id not like 'listing/%') as told from inbox_event"
            )
        )
    events = [(await people.system.control.get(f"/{name}/events")).json()["data"] for name in ("column", "paypal")]
    return row is not None and (row["left"], row["told"]) == (0, sum(map(len, events)))


async def state(people: People, report_id: str) -> str:
    """The payout's."""
    return str((await people.system.get(f"/v1/reports/{report_id}"))["payout"]["state"])


async def test_what_does_not_fit_is_one_case_each_however_often_it_is_looked_at(people: People) -> None:
    people.lists_differ = True
    await somebody_else_pays(people, 500)  # before we began: the account has a past
    sent = [await people.approved(amount) for amount in (1_000, 2_000, 3_000)]
    for report_id in sent:
        await people.until(report_id, "sent")
    column = people.system.sandbox.world.column
    _, other, gone, _ = sorted(await people.transfers("ach"), key=lambda transfer: int(transfer["amount"]))
    column.books.execute("DELETE FROM transfers WHERE id = ?", (gone["id"],))
    column.transfers.change(other, other["status"], amount=1_001)
    strange = await somebody_else_pays(people, 4_000)
    # the deposit keeps the balances equal, and is not ours to explain
    await people.system.control.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": 4_500})

    first = await look(people)

    assert first | {"missed": 0} == NOTHING | {"unknown": 1, "differing": 1, "missing": 1}
    found = [
        ("transfer_differs", "ours", other["id"]),
        ("transfer_missing", "ours", gone["id"]),
        ("transfer_unknown", "the house's", strange),
    ]
    assert await cases(people) == found
    assert await look(people) == NOTHING
    report = await people.system.get(f"/v1/reports/{sent[1]}")
    (case,) = report["detail"]["cases"]
    assert case["kind"] == "transfer_missing"
    await people.system.post(f"/v1/cases/{case['id']}/close", {"resolution": "the bank moved it to its archive"})
    assert await look(people) == NOTHING
    assert await cases(people) == found, "a person has seen it"


async def somebody_else_pays(people: People, amount: int) -> str:
    """A transfer from FS Main by whoever else has our key; its id."""
    column = people.system.sandbox
    form = {
        "amount": str(amount),
        "currency_code": "USD",
        "type": "CREDIT",
        "entry_class_code": "PPD",
        "counterparty[name]": "A Stranger",
        "counterparty[routing_number]": "011000015",
        "counterparty[account_number]": "77778888",
        "account_number_id": "acno_fs_main",
        "description": public_id("rpp", new_id()),
    }
    async with httpx.AsyncClient(auth=("", column.world.column.config.api_key), trust_env=False) as client:
        answer = await client.post(
            f"{column.addresses['column']}/transfers/ach", data=form, headers={"Idempotency-Key": f"strange {amount}"}
        )
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


async def test_a_partner_that_does_not_answer_is_said_and_asked_by_the_next_look(people: People) -> None:
    await people.until(await people.approved(1_000), "sent")
    body = {"partner": "column", "operation": "ach_transfers.list", "kind": "http_500_before", "count": None}
    (await people.system.control.post("/faults", json=body)).raise_for_status()
    assert (await look(people))["unread"] == 1
    await people.system.control.delete("/faults")
    assert (await look(people))["unread"] == 0


async def test_it_is_done_daily_and_a_day_that_was_missed_is_caught_up(people: People) -> None:
    house = people.system.house
    await keep_reconciliation(house)
    handle = house.temporal.get_schedule_handle(RECONCILIATION_ID)
    try:
        schedule = (await handle.describe()).schedule
        (calendar,) = schedule.spec.calendars
        assert (calendar.hour[0].start, schedule.spec.time_zone_name) == (5, "America/New_York")
        assert schedule.policy.catchup_window == timedelta(days=1)
    finally:
        await handle.delete()


async def test_a_debit_at_a_partner_that_belongs_to_no_attempt_is_a_case(people: People) -> None:
    people.lists_differ = True
    await people.top_up(20_000)
    await people.add_way("paypal", default=True)
    by_paypal = await people.approved(4_000)
    await people.until(by_paypal, "sent")
    await people.add_way("wire", default=True)
    first, second = await wire_task(people, 9_000), await wire_task(people, 8_000)
    for report_id, amount in ((first, 9_000), (second, 8_000)):
        await wire_goes_out(people, report_id, amount, "international_wire")
    assert await look(people) | {"missed": 0} == NOTHING, "persons have yet to say what they did"
    sent = {"bank_reference": "IMAD-20260303-1", "evidence": "The bank's page says executed"}
    refused = {"reason": "The bank does not know the account", "who_must_act": "operator"}
    for report_id, said, body in ((first, "wire-sent", sent), (second, "wire-refused", refused)):
        seen = (await people.ask(report_id, said, body)).json()["money_call"]["proposal"]["seen"]
        await people.system.post(f"/v1/reports/{report_id}/wire-confirm", {"seen": seen})

    again = await wire_goes_out(people, first, 9_000, "wire")
    strange = await wire_goes_out(people, None, 700, "realtime")
    (await people.system.control.post("/paypal/payments", json={"amount": 600})).raise_for_status()

    await people.system.advance_clock(hours=1)
    await people.until(by_paypal, "settled")

    assert await look(people) == NOTHING | {"unknown": 4}
    found = [one for one in await cases(people) if not one[2].startswith("LINE")]
    assert found == [("transfer_unknown", "the house's", transfer) for transfer in sorted((again, strange))]
    assert len(await cases(people)) == 3
    found_there = (await people.system.get(f"/v1/reports/{second}"))["detail"]["cases"]
    assert [case["kind"] for case in found_there if case["state"] == "open"] == ["contradiction"]
    assert await look(people) == NOTHING
    # what keeps the balances equal is not ours to explain
    await people.system.control.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": 17_700})
    people.system.sandbox.world.paypal.payouts.top_up(600, "put back")


class Meanwhile:
    """A partner's statement; something happens between our reading of what is ours and its first answer to that."""

    def __init__(self, partner: Statement, happens: Callable[[], Awaitable[object]]) -> None:
        self._partner = partner
        self._happens = happens
        self.happened = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._partner, name)

    async def names_of(self, rail_id: str) -> frozenset[str]:
        if not self.happened:
            self.happened = True
            await self._happens()
        return await self._partner.names_of(rail_id)


async def test_a_payment_that_is_taken_while_it_is_looked_is_no_debit_of_somebody_else(people: People) -> None:
    await people.top_up(20_000)
    await people.add_way("paypal", default=True)
    await people.until(await people.approved(4_000), "sent")
    body = {"partner": "paypal", "operation": "payouts.create", "kind": "pause_after", "match": {"amount": 3_000}}
    answer = await people.system.control.post("/faults", json=body | {"count": None})
    answer.raise_for_status()
    report_id = await people.approved(3_000)

    async def answers() -> None:
        await people.system.control.post(f"/faults/{answer.json()['id']}/release")
        await people.until(report_id, "sent")

    house = people.system.house
    (partner,) = (one for one in statements(house.rails) if one.source == "paypal")
    await people.system.eventually(lambda: listed(partner), lambda amounts: amounts == [3_000, 4_000])
    disturbed = Meanwhile(partner, answers)
    report = await PayoutReconciliation(house.database, house.inbox, [cast("Statement", disturbed)], days=70).look()
    assert (disturbed.happened, report.unknown, report.unread) == (True, 0, 0)
    assert await cases(people) == []


async def listed(partner: Statement) -> list[int]:
    """The amounts of what the partner shows as having left us."""
    return sorted([debit.amount async for debit in partner.debits(datetime(2027, 1, 1, tzinfo=UTC))])


async def wire_task(people: People, amount: int) -> str:
    """A report whose wire waits for its owner."""
    report_id = await people.approved(amount)
    await people.system.until(
        f"/v1/reports/{report_id}",
        lambda seen: "needs_person" in {call["state"] for call in seen["detail"]["money_calls"]},
    )
    return report_id


async def wire_goes_out(people: People, report_id: str | None, amount: int, kind: str) -> str:
    """Somebody sends a wire in the bank's pages, with the remittance information of a report's order; its id there."""
    written = "for the party"
    if report_id is not None:
        calls = (await people.system.get(f"/v1/reports/{report_id}"))["detail"]["money_calls"]
        written = f"Reimbursement {calls[-1]['rail_reference']}"
    body = {"bank_account_id": "bacc_fs_main", "amount": amount, "description": written, "kind": kind}
    answer = await people.system.control.post("/column/wires", json=body)
    assert answer.is_success, answer.text
    return str(answer.json()["id"])
