"""Notifications of change: the account gets a new token with the corrected data, and no payment fails by one."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from activities.return_watch import ReturnWatch
from db.flows import all_flows
from db.flows.ach_account_change import old_context
from db.flows.ach_debit import token_context
from db.queries import ach_account_change as changes
from db.tables.ach import ach_transaction
from domain.errors import CorrectionPending, StateConflict
from domain.money_call import Outcome
from tests.returns.desk import NUMBER, ROUTING, Desk, Entry

OTHER_ROUTING, NEW_TOKEN = "021000021", "09LMQNEW00000000001"
CORRECTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "C01": ("987654321", {"last_four": "4321"}),
    "C02": (OTHER_ROUTING, {"routing_number": OTHER_ROUTING}),
    "C03": (f"{OTHER_ROUTING}   987654321", {"routing_number": OTHER_ROUTING, "last_four": "4321"}),
    "C05": ("32", {"account_type": "savings"}),
    "C06": (f"{'987654321':<17}   37", {"last_four": "4321", "account_type": "savings"}),
    "C07": (
        f"{OTHER_ROUTING}{'98765432109874321'}32",
        {"routing_number": OTHER_ROUTING, "last_four": "4321", "account_type": "savings"},
    ),
}


async def told(desk: Desk, entry: Entry, code: str, data: str) -> list[dict[str, Any]]:
    await desk.hear(desk.notice(entry, code, CORRECTED_DATA=f"{data:<29}"))
    await desk.process()
    return await desk.changes(entry.account_id)


async def stored(desk: Desk, change_id: UUID) -> dict[str, str]:
    """Play the money step; returns what was asked of the gateway."""
    flow = all_flows(desk.settings)["ach-account-change"]
    async with desk.uow() as uow:
        row = await flow.lock(uow, change_id)
        new = await flow.plan(uow, row, "store")
        call = await uow.money_calls.record(flow.flow, change_id, new, "harmless", row["due_on"])
    await desk.answered(call, NEW_TOKEN)
    return {"TRAN_TYPE": new.operation, **new.request}


async def account_data(desk: Desk, account_id: UUID, change_id: UUID) -> tuple[str, dict[str, str]]:
    """The account's token, and what the history keeps of the old account."""
    row = await desk.account_row(account_id)
    async with desk.uow() as uow:
        change = await changes.get(uow, change_id)
        old = json.loads(uow.envelope.open(change["old_data"], context=old_context(change_id)))
        return uow.envelope.open(row["storage_bric"], context=token_context(account_id)).decode(), old


@pytest.mark.parametrize("code", sorted(CORRECTIONS))
async def test_each_correction_makes_a_new_token_and_keeps_the_old_data(desk: Desk, code: str) -> None:
    data, expected = CORRECTIONS[code]
    entry = await desk.entry(await desk.account(NUMBER))
    [change] = await told(desk, entry, code, data)
    assert change["state"] == "pending"
    form = await stored(desk, change["id"])
    account = await desk.account_row(entry.account_id)
    assert {name: account[name] for name in expected} == expected
    assert form["TRAN_TYPE"] == ("CKS8" if expected.get("account_type") else "CKC8")
    assert form["ROUTING_NBR"] == expected.get("routing_number", ROUTING)
    assert form["ACCOUNT_NBR"].endswith(expected.get("last_four", NUMBER[-4:]))
    token, old = await account_data(desk, entry.account_id, change["id"])
    assert token == NEW_TOKEN
    assert old == {
        "routing_number": ROUTING,
        "account_number": NUMBER,
        "account_type": "checking",
        "token": "09LMQSTORED00000001",
    }
    assert account["verification_state"] == "verified"
    assert (await desk.changes(entry.account_id))[0]["state"] == "applied"
    assert (await desk.transaction(entry.id))["ach_state"] == "accepted", "the entry itself is not touched"
    assert await desk.cases() == []


async def test_the_next_debit_waits_for_the_correction_and_goes_out_with_the_new_token(desk: Desk) -> None:
    entry = await desk.entry()
    [change] = await told(desk, entry, "C02", OTHER_ROUTING)
    with pytest.raises(CorrectionPending):
        await desk.entry(entry.account_id)
    await stored(desk, change["id"])
    [waiting] = [row["id"] for row in await desk.rows(ach_transaction) if row["ach_state"] == "created"]
    async with desk.uow() as uow:
        flow = all_flows(desk.settings)["ach-debit"]
        plan = await flow.plan(uow, await flow.lock(uow, waiting), "debit")
    assert plan.request["ORIG_AUTH_GUID"] == NEW_TOKEN


async def test_the_same_correction_of_every_entry_under_way_is_applied_once(desk: Desk) -> None:
    account_id = await desk.account()
    first, second, third = [await desk.entry(account_id) for _ in range(3)]
    [change] = await told(desk, first, "C02", OTHER_ROUTING)
    await told(desk, second, "C02", OTHER_ROUTING)
    await stored(desk, change["id"])
    found = await told(desk, third, "C02", OTHER_ROUTING)
    assert [row["state"] for row in found] == ["applied", "repeated", "repeated"]


async def test_two_corrections_are_applied_one_after_the_other(desk: Desk) -> None:
    entry = await desk.entry()
    await told(desk, entry, "C02", OTHER_ROUTING)
    first, second = await told(desk, entry, "C01", "987654321")
    with pytest.raises(CorrectionPending):
        await stored(desk, second["id"])
    await stored(desk, first["id"])
    form = await stored(desk, second["id"])
    assert (form["ROUTING_NBR"], form["ACCOUNT_NBR"]) == (OTHER_ROUTING, "987654321")


@pytest.mark.parametrize(("code", "data"), [("C02", "021000022"), ("C01", ""), ("C05", "99"), ("C03", OTHER_ROUTING)])
async def test_a_wrong_correction_is_a_case_and_changes_nothing(desk: Desk, code: str, data: str) -> None:
    entry = await desk.entry()
    before = await desk.account_row(entry.account_id)
    [change] = await told(desk, entry, code, data)
    assert (change["state"], await desk.cases()) == ("rejected", ["wrong_change"])
    assert "15 calendar days" in change["message"]
    assert await desk.account_row(entry.account_id) == before
    await desk.entry(entry.account_id)  # debits go on


@pytest.mark.parametrize("code", ["C04", "C08", "C13", "C14", "C61", "C99"])
async def test_what_only_a_person_can_apply_is_a_case(desk: Desk, code: str) -> None:
    entry = await desk.entry()
    [change] = await told(desk, entry, code, "KELLER MARIA")
    assert (change["state"], await desk.cases()) == ("kept", ["notification_of_change"])


async def test_an_individual_id_is_kept_without_a_new_token(desk: Desk) -> None:
    entry = await desk.entry()
    [change] = await told(desk, entry, "C09", "ID 4711")
    token, _ = await account_data(desk, entry.account_id, change["id"])
    assert (change["state"], token) == ("applied", "09LMQSTORED00000001")


async def test_a_correction_that_the_gateway_refuses_is_a_case_and_debits_go_on_as_before(desk: Desk) -> None:
    entry = await desk.entry()
    [change] = await told(desk, entry, "C02", OTHER_ROUTING)
    flow = all_flows(desk.settings)["ach-account-change"]
    async with desk.uow() as uow:
        row = await flow.lock(uow, change["id"])
        plan = await flow.plan(uow, row, "store")
        call = await uow.money_calls.record(flow.flow, change["id"], plan, "harmless", row["due_on"])
        await flow.settled(uow, row, call, Outcome("refused", "78", "BAD ROUTING", must_act="payee"))
    assert (await desk.changes(entry.account_id))[0]["state"] == "failed"
    assert await desk.cases() == ["change_not_applied"]
    await desk.entry(entry.account_id)


async def test_a_correction_whose_run_was_terminated_is_looked_at_again_while_nothing_was_sent(desk: Desk) -> None:
    entry = await desk.entry()
    [change] = await told(desk, entry, "C02", OTHER_ROUTING)
    flow = all_flows(desk.settings)["ach-account-change"]

    async def retry() -> None:
        async with desk.uow() as uow:
            await flow.command(uow, await flow.lock(uow, change["id"]), "retry", {"reason": "its run was terminated"})

    await retry()
    [same] = await desk.changes(entry.account_id)
    assert (same["state"], same["store_attempt"]) == ("pending", change["store_attempt"])
    async with desk.uow() as uow:
        row = await flow.lock(uow, change["id"])
        call = await uow.money_calls.record(
            flow.flow, row["id"], await flow.plan(uow, row, "store"), "harmless", row["due_on"]
        )
    await retry()
    async with desk.uow() as uow:
        await uow.money_calls.begin_send(call, window_seconds=5, settling_seconds=0)
    with pytest.raises(StateConflict):
        await retry()


async def test_a_correction_that_is_not_applied_in_six_banking_days_is_a_case(desk: Desk) -> None:
    await told(desk, await desk.entry(), "C02", OTHER_ROUTING)
    watch = ReturnWatch(desk.database, minimum_sample=1)
    await desk.later(days=7)
    await watch.watch()
    assert await desk.cases() == []
    await desk.later(days=5)
    await watch.watch()
    assert await desk.cases() == ["change_overdue"]


async def test_no_bank_detail_is_told_or_audited(desk: Desk) -> None:
    entry = await desk.entry(await desk.account(NUMBER))
    [change] = await told(desk, entry, "C01", "98765432101")
    await stored(desk, change["id"])
    async with desk.uow() as uow:
        for table in ("outgoing_event", "case_file", "workflow_outbox"):
            rows = await uow.all(text(f"select t::text as shown from {table} t"))
            assert not any("98765432101" in row["shown"] or NUMBER in row["shown"] for row in rows)
