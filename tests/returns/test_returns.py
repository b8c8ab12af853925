"""Returns as the gateway tells them: what becomes of the entry, the books, the account, and what a person sees."""

import pytest

from db.queries import money_call as money_calls
from db.tables.ach import ach_transaction
from db.tables.ach_return import ach_return
from db.tables.case_file import case_file
from domain.return_codes import return_codes
from services.ach_return import release_hold
from tests.returns.desk import Desk

NOTHING = {"uncleared": 0, "cash": 0, "in_transit": 0, "bank": 0}
SETTLED = {"uncleared": 0, "cash": 15_000, "in_transit": 0, "bank": 15_000}


# one of each group and effect; every code's decision is tested by itself in tests/domain
SAMPLE = (
    "R01",
    "R02",
    "R06",
    "R08",
    "R10",
    "R11",
    "R13",
    "R15",
    "R17",
    "R20",
    "R23",
    "R24",
    "R29",
    "R37",
    "R42",
    "R80",
)


async def test_codes_go_through_the_inbox_to_their_decision(desk: Desk) -> None:
    """All at once, each on an account of its own."""
    told = {}
    for code in SAMPLE:
        told[code] = await desk.entry(amount=100)
        await desk.moved(told[code], "settled")
        await desk.hear(desk.notice(told[code], code))
    await desk.process()
    for code, entry in told.items():
        rule, row = return_codes()[code], await desk.return_of(entry)
        transaction, account = await desk.transaction(entry.id), await desk.account_row(entry.account_id)
        assert (transaction["ach_state"], transaction["return_code"]) == ("returned", code)
        assert (row["state"], row["category"]) == ("decided", rule.category), code
        held = rule.disable_scope in ("hold_until_corrected", "this_entry_or_series")
        assert account["is_active"] is (rule.disable_scope == "none"), code
        assert account["hold_code"] == (code if held else None), code
    assert await desk.balances() == NOTHING


async def test_a_return_told_twice_and_by_three_ways_is_one_return(desk: Desk) -> None:
    entry = await desk.entry()
    await desk.moved(entry, "settled")
    row = desk.notice(entry, "R02")
    assert await desk.hear(row, "returns/E1")
    assert not await desk.hear(row, "returns/E1"), "the same event is stored once"
    await desk.hear(row, "file/E1")
    await desk.hear({**row, "TERMINAL": "", "RETURN_DATE": "2026-11-28"}, "api/x/E1")
    await desk.process(2)
    assert len(await desk.rows(ach_return)) == 1
    assert await desk.balances() == NOTHING
    assert (await desk.account_row(entry.account_id))["return_count"] == 1


async def test_a_return_is_matched_by_either_name_alone(desk: Desk) -> None:
    one, other = await desk.entry(), await desk.entry()
    await desk.hear(desk.notice(one, "R03", TRAN_NBR="", AMOUNT="", TRAN_TYPE=""))
    await desk.hear(desk.notice(other, "R03", AUTH_GUID="", AMOUNT="", TRAN_TYPE=""))
    await desk.process()
    for entry in (one, other):
        assert (await desk.transaction(entry.id))["ach_state"] == "returned"


@pytest.mark.parametrize("columns", [{"AMOUNT": "1.00"}, {"TRAN_TYPE": "CKC3"}])
async def test_a_return_that_contradicts_its_entry_is_put_before_a_person(desk: Desk, columns: dict[str, str]) -> None:
    entry = await desk.entry()
    await desk.hear(desk.notice(entry, "R02", **columns))
    await desk.process(2)
    assert (await desk.transaction(entry.id))["ach_state"] == "accepted"
    assert await desk.cases() == ["unmatched_return"]


async def test_an_unmatched_return_is_a_case_at_once_and_finds_its_entry_later(desk: Desk) -> None:
    entry = await desk.entry(applied=False)
    await desk.hear(desk.notice(entry, "R02", TRAN_NBR=""))
    await desk.process(2)
    [waiting] = await desk.rows(ach_return)
    assert (waiting["state"], await desk.cases()) == ("unmatched", ["unmatched_return"])

    async with desk.uow() as uow:
        call = await money_calls.of_step(uow, "ach-debit", entry.id, "debit", 1)
    assert call is not None
    await desk.answered(call, entry.guid)
    await desk.process()

    [row] = await desk.rows(ach_return)
    assert (row["id"], row["state"], row["transaction_id"]) == (waiting["id"], "decided", entry.id)
    assert await desk.cases() == []


async def test_a_return_waits_while_it_is_unknown_what_became_of_its_entry(desk: Desk) -> None:
    entry = await desk.entry(applied=False)
    async with desk.uow() as uow:
        call = await money_calls.of_step(uow, "ach-debit", entry.id, "debit", 1)
        assert call is not None
        await uow.money_calls.begin_send(call, window_seconds=5, settling_seconds=0)
    await desk.hear(desk.notice(entry, "R02", AUTH_GUID=""))
    await desk.process(2)
    assert await desk.rows(ach_return) == []
    assert (await desk.transaction(entry.id))["ach_state"] == "submitting"


async def test_two_payments_that_come_back_disable_the_account_whatever_the_code(desk: Desk) -> None:
    account_id = await desk.account()
    first, second = await desk.entry(account_id), await desk.entry(account_id)
    await desk.returned(first, "R01")
    account = await desk.account_row(account_id)
    assert (account["is_active"], account["return_count"]) == (True, 1)
    row = await desk.returned(second, "R09")
    account = await desk.account_row(account_id)
    assert (account["is_active"], account["return_count"], row["account_effect"]) == (False, 2, "disable")


async def test_an_unknown_code_is_booked_and_holds_the_account_until_a_person_releases_it(desk: Desk) -> None:
    entry = await desk.entry()
    row = await desk.returned(entry, "R59")
    assert (await desk.transaction(entry.id))["ach_state"] == "returned"
    assert await desk.balances() == NOTHING
    assert (row["account_effect"], await desk.cases()) == ("hold", ["unknown_return_code"])
    account = await desk.account_row(entry.account_id)
    assert (account["is_active"], account["hold_code"]) == (False, "R59")
    assert (account["code"], account["must_act"]) == ("R59", "operator")

    async with desk.uow() as uow:
        await release_hold(uow, row["id"], "the bank explained it")
    account = await desk.account_row(entry.account_id)
    assert (account["is_active"], account["hold_code"], await desk.cases()) == (True, None, [])
    assert (account["code"], account["must_act"]) == (None, None)


async def test_a_return_after_a_refund_is_a_loss_with_a_case(desk: Desk) -> None:
    entry = await desk.entry()
    await desk.moved(entry, "settled")
    await desk.process()
    refund = await desk.entry(
        entry.account_id, 9_000, type="REFUND", direction="credit", parent_transaction_id=entry.id
    )
    await desk.moved(refund, "settled")
    await desk.process()
    assert (await desk.balances())["cash"] == 6_000
    row = await desk.returned(entry, "R10")
    assert (row["loss_amount"], row["reinitiation_state"]) == (9_000, None)
    assert await desk.cases() == ["receivable", "return_after_refund"], "what cash could not bear is owed"
    books = await desk.balances()
    assert (books["bank"], books["in_transit"], books["uncleared"]) == (-9_000, 0, 0)


async def test_a_second_return_for_another_reason_moves_nothing_and_is_seen(desk: Desk) -> None:
    entry = await desk.entry()
    await desk.returned(entry, "R01")
    await desk.returned(entry, "R10")
    assert await desk.cases() == ["second_return"]
    assert await desk.balances() == NOTHING
    assert (await desk.return_of(entry))["state"] == "does_not_fit"


async def test_dishonored_and_contested_returns_are_messages_that_move_no_money(desk: Desk) -> None:
    entry = await desk.entry()
    await desk.moved(entry, "settled")
    # the answer is heard first: it waits for what it answers
    await desk.hear(desk.notice(entry, "R73"))
    await desk.hear(desk.notice(entry, "R68"))
    await desk.hear(desk.notice(entry, "R01"))
    await desk.process(4)
    assert (await desk.transaction(entry.id))["ach_state"] == "contested"
    assert [(row["kind"], row["state"]) for row in await desk.rows(ach_return)] == [
        ("contest", "decided"),
        ("dishonor", "decided"),
        ("return", "decided"),
    ]
    assert await desk.balances() == NOTHING
    assert await desk.cases() == ["return_disputed"]


async def test_a_credit_that_comes_back_brings_the_money_back(desk: Desk) -> None:
    funding = await desk.entry()
    await desk.moved(funding, "settled")
    await desk.process()
    payout = await desk.entry(funding.account_id, 5_000, direction="credit")
    row = await desk.returned(payout, "R02")
    assert await desk.balances() == SETTLED
    assert (row["direction"], row["account_effect"], row["loss_amount"]) == ("credit", "disable", 0)


async def test_the_claim_of_the_58th_day_is_handled_like_that_of_the_second(desk: Desk) -> None:
    early, late = await desk.entry(), await desk.entry()
    for entry in (early, late):
        await desk.moved(entry, "settled")
    await desk.process()
    await desk.later(days=2)
    await desk.returned(early, "R10")
    await desk.later(days=56)
    await desk.returned(late, "R10")
    one, other = await desk.return_of(early), await desk.return_of(late)
    same = ("state", "account_effect", "authorization_revoked", "loss_amount", "reason", "must_act", "category")
    assert {name: one[name] for name in same} == {name: other[name] for name in same}
    for entry in (early, late):
        assert (await desk.transaction(entry.id))["ach_state"] == "returned"
        assert not (await desk.account_row(entry.account_id))["is_active"]
    assert await desk.balances() == NOTHING


async def test_a_return_of_a_voided_entry_is_a_case_and_not_a_guess(desk: Desk) -> None:
    entry = await desk.entry()
    await desk.set_entry(entry.id, ach_state="voided")
    await desk.hear(desk.notice(entry, "R02"))
    await desk.process()
    assert await desk.cases() == ["event_does_not_fit"]
    assert [row["ach_state"] for row in await desk.rows(ach_transaction)] == ["voided"]


async def test_an_entry_that_counts_as_not_made_and_moves_all_the_same_is_a_contradiction_that_says_so(
    desk: Desk,
) -> None:
    """So it is when two persons were wrong about a lost answer."""
    entry = await desk.entry()
    await desk.set_entry(entry.id, ach_state="declined", code="resolved")
    for kind in ("originated", "settled"):
        await desk.moved(entry, kind)
    await desk.process()
    [case] = await desk.rows(case_file)
    assert (case["kind"], case["subject_kind"]) == ("contradiction", "ach-debit")
    assert "reports the entry as originated, though here it is declined (by resolved)" in case["summary"]
    assert [said["kind"] for said in case["evidence"]] == ["originated", "settled"]
    assert (await desk.transaction(entry.id))["ach_state"] == "declined", "nothing is overwritten"
