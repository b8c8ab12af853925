"""Reverse and cancel: the organization has its money back, once, and the report is never paid."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.queries import money_call as calls
from db.queries.report import FLOW
from domain.errors import AccountClosed
from domain.ids import parse_public_id
from domain.money_call import MoneyCall
from domain.reimbursement_lines import payout
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_doubt import fault, sends
from tests.flows.reimbursements.test_payout_failed import NO_BANK


async def returned(people: People, *amounts: int) -> str:
    """A report whose payout came back."""
    report_id = await people.approved(*amounts)
    await people.until(report_id, "sent")
    transfer = (await people.transfers("ach"))[-1]
    await people.settle(transfer["id"])
    await people.until(report_id, "settled")
    await people.send_back(transfer["id"], "R02")
    await people.until(report_id, "returned")
    return report_id


async def test_reverse_gives_the_money_back_by_inverse_book_transfers(people: People) -> None:
    report_id = await returned(people, 12_000, 3_000)

    assert (await people.ask(report_id, "reverse")).status_code == 202

    report = await people.until(report_id, "reversed")
    assert (report["state"], report["payout"]["hcb_state"]) == ("reversed", "reversed")
    assert {p["state"] for p in report["payout"]["expense_payouts"]} == {"reversed"}
    assert await people.balances(report) == {
        "cash": 100_000,
        "fs_main": 100_000,
        "fs_operating": 0,
        "clearing": 0,
        "funding": 0,
    }
    main, operating = "bacc_fs_main", "bacc_fs_operating"
    undone = [
        (t["sender_bank_account_id"], t["receiver_bank_account_id"], t["amount"])
        for t in (await people.transfers("book"))[3:]
    ]
    assert undone[0] == (main, operating, 15_000)
    assert sorted(undone[1:]) == [(operating, main, 3_000), (operating, main, 12_000)]


async def test_a_reversed_report_is_never_reimbursed_even_by_hand(people: People) -> None:
    report_id = await returned(people, 9_000)
    await people.ask(report_id, "reverse")
    await people.until(report_id, "reversed")

    for verb, body in (
        ("retry", {}),
        ("reverse", {}),
        ("cancel", {}),
        ("payout-method", {"payout_method_id": people.method["id"]}),
        ("approve", None),
    ):
        answer = await people.ask(report_id, verb, body)
        assert answer.status_code == 409, verb
        assert verb != "cancel" or answer.json()["code"] == "already_given_back"

    key = parse_public_id("rmr", report_id, field="id")
    database = people.system.house.database
    for statement in (
        "update report set state = 'reimbursement_approved' where id = :id",
        "update report set state = 'reimbursing' where id = :id",
        "update payout_holding set state = 'sending' where report_id = :id",
        """insert into payout_attempt (id, organization_id, holding_id, ordinal, kind, method_id)
        select uuidv7(), organization_id, id, 9, 'ach', method_id from payout_holding where report_id = :id""",
    ):
        with pytest.raises(DBAPIError, match=r"stays so|stays ended|only while it is being sent"):
            async with database.unit_of_work(people.system.organization_id, actor="test") as uow:
                await uow.connection.execute(text(statement), {"id": key})
    async with database.unit_of_work(people.system.organization_id, actor="test") as uow:
        holding = await uow.one_or_none(text("select id from payout_holding where report_id = :id").bindparams(id=key))
    assert holding is not None
    with pytest.raises(AccountClosed):
        await pay_by_hand(people, holding["id"])


async def pay_by_hand(people: People, holding_id: UUID) -> None:
    """A posting that takes money out of a payout's clearing account."""
    async with people.system.house.database.unit_of_work(people.system.organization_id, actor="test") as uow:
        today = (await uow.business_now()).date()
        await uow.ledger.post("by-hand", "by_hand", "USD", payout(holding_id, 1), today)


async def test_a_cut_in_the_middle_of_a_reversal_is_resumed_and_nothing_moves_twice(people: People) -> None:
    report_id = await returned(people, 4_000, 5_000, 6_000)
    await people.system.control.post("/column/webhooks/hold", json={"hold": True})
    await people.system.control.delete("/journal")
    await fault(people, "book_transfers.create", "cut_after", skip=1)
    await fault(people, "book_transfers.create", "http_500_before", skip=1)

    await people.ask(report_id, "reverse")

    report = await people.until(report_id, "reversed")
    received = await sends(people, "book_transfers.create")
    assert sum(call["took_effect"] for call in received) == 4
    assert len(received) == 6
    assert (await people.balances(report))["cash"] == 100_000


async def test_a_refused_reversal_waits_for_an_operator_and_goes_on_where_it_stopped(people: People) -> None:
    report_id = await returned(people, 4_000, 5_000)
    debit = {"bank_account_id": "bacc_fs_main", "type": "DEBIT", "amount": 95_000}
    await people.system.control.post("/column/ach/incoming", json=debit)

    await people.ask(report_id, "reverse")

    stuck = await people.system.until(
        f"/v1/reports/{report_id}", lambda seen: seen["payout"]["code"] == "insufficient_balance"
    )
    assert (stuck["payout"]["state"], stuck["payout"]["who_must_act"]) == ("reversing", "operator")
    await people.system.control.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": 95_000})
    assert (await people.ask(report_id, "retry")).status_code == 202
    report = await people.until(report_id, "reversed")
    assert (await people.balances(report))["cash"] == 100_000


async def test_cancel_before_the_transfer_is_handed_over_gives_back_what_was_booked(people: People) -> None:
    paused = await fault(people, "book_transfers.create", "pause_before", count=None, match={"amount": 9_000})
    report_id = await people.approved(4_000, 5_000)
    await people.system.eventually(lambda: two_books(people))

    assert (await people.ask(report_id, "cancel")).status_code == 202

    await people.system.control.post(f"/faults/{paused}/release")
    report = await people.until(report_id, "cancelled")
    assert report["state"] == "cancelled"
    assert report["payout"]["attempts"] == []
    assert await people.transfers("ach") == []
    assert (await people.balances(report))["cash"] == 100_000
    assert (await people.ask(report_id, "retry")).status_code == 409


async def test_cancel_goes_on_when_what_was_in_flight_is_refused(people: People) -> None:
    paused = await fault(people, "book_transfers.create", "pause_before", count=None, match={"amount": 5_000})
    report_id = await people.approved(4_000, 5_000)
    await people.system.eventually(lambda: people.transfers("book"))
    debit = {"bank_account_id": "bacc_fs_main", "type": "DEBIT", "amount": 94_000}
    await people.system.control.post("/column/ach/incoming", json=debit)

    assert (await people.ask(report_id, "cancel")).status_code == 202

    await people.system.control.post(f"/faults/{paused}/release")
    report = await people.until(report_id, "cancelled")
    assert report["payout"]["who_must_act"] is None
    assert (await people.balances(report))["cash"] == 100_000
    await people.system.control.post("/column/deposits", json={"bank_account_id": "bacc_fs_main", "amount": 94_000})


async def test_cancel_is_refused_once_the_transfer_is_with_the_bank(people: People) -> None:
    report_id = await people.approved(4_000)
    await people.until(report_id, "sent")

    answer = await people.ask(report_id, "cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "already_handed_over")


async def test_cancel_works_in_sending_and_after_a_refusal_as_long_as_nothing_was_handed_over(people: People) -> None:
    await people.top_up(50_000)
    await people.add_way("paypal", default=True)
    away = {"partner": "paypal", "operation": "oauth2.token", "kind": "http_500_before", "count": None}
    (await people.system.control.post("/faults", json=away)).raise_for_status()
    unsent = await people.approved(4_000)
    path = f"/v1/reports/{unsent}"
    await people.system.until(path, lambda seen: bool((seen["payout"] or {}).get("attempts")))

    assert (await people.ask(unsent, "cancel")).status_code == 202

    report = await people.until(unsent, "cancelled")
    (attempt,) = report["payout"]["attempts"]
    assert (attempt["state"], attempt["code"]) == ("refused", "cancelled")
    await people.system.control.delete("/faults")
    assert await people.items() == []

    await people.add_method("22223333", routing_number=NO_BANK, default=True)
    refused = await people.approved(5_000)
    await people.until(refused, "action_required")
    assert (await people.ask(refused, "cancel")).status_code == 202
    report = await people.until(refused, "cancelled")
    assert (await people.balances(report))["cash"] == 100_000


async def test_cancel_waits_for_a_sender_that_is_just_taking_the_transfer(people: People) -> None:
    await people.top_up(50_000)
    await people.add_way("paypal", default=True)
    away = {"partner": "paypal", "operation": "oauth2.token", "kind": "http_500_before", "count": None}
    (await people.system.control.post("/faults", json=away)).raise_for_status()
    report_id = await people.approved(4_000)
    key = parse_public_id("rmr", report_id, field="id")
    database = people.system.house.database

    async def recorded() -> MoneyCall | None:
        async with database.unit_of_work(people.system.organization_id, actor="test") as uow:
            call = await calls.of_step(uow, FLOW, key, "payout", 1)
            return call if call is not None and call.state == "recorded" else None

    call = await people.system.eventually(recorded)
    async with database.unit_of_work(people.system.organization_id, actor="test") as uow:
        assert await uow.money_calls.begin_send(call, window_seconds=1, settling_seconds=1) is not None
        cancelling = asyncio.create_task(people.ask(report_id, "cancel"))
        await asyncio.sleep(0.5)
        assert not cancelling.done()

    answer = await cancelling
    assert (answer.status_code, answer.json()["code"]) == (409, "already_handed_over"), answer.text
    await people.system.control.delete("/faults")
    await people.until(report_id, "sent", seconds=90)


async def test_cancel_of_an_approved_report_that_was_not_paid_yet_releases_the_reservation(people: People) -> None:
    report_id = await people.reviewed(4_000)
    assert (await people.ask(report_id, "cancel")).status_code == 202
    report = await people.system.get(f"/v1/reports/{report_id}")
    assert (report["state"], report["payout"]) == ("cancelled", None)


async def test_reverse_is_refused_by_name_while_a_check_fails(people: People) -> None:
    draft = await people.system.post("/v1/reports", {"payee_id": people.payee["id"]})
    assert (await people.ask(draft["id"], "reverse")).json()["code"] == "report_not_reimbursed"

    paused = await fault(people, "book_transfers.create", "pause_before", count=None, match={"amount": 4_000})
    report_id = await people.approved(4_000)
    await people.until(report_id, "funding")
    assert (await people.ask(report_id, "reverse")).json()["code"] == "expense_payouts_not_settled"
    await people.system.control.post(f"/faults/{paused}/release")

    await people.until(report_id, "sent")
    assert (await people.ask(report_id, "reverse")).json()["code"] == "payout_holding_not_failed"


async def two_books(people: People) -> bool:
    """Whether both expenses are booked at the bank."""
    return len(await people.transfers("book")) == 2
