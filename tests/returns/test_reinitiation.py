"""A debit that came back for lack of funds is sent again: opted in, on its day, at most twice, within 180 days."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from db.flows import all_flows
from db.flows.ach_reinitiation import AchReturnSteps, reinitiate
from db.tables.ach import ach_transaction
from domain.calendar import NEW_YORK, add_banking_days, opening_of_business
from domain.errors import StateConflict
from tests.returns.desk import Desk, Entry


async def tries(desk: Desk, entry: Entry) -> list[dict[str, Any]]:
    return await desk.rows(ach_transaction, ach_transaction.c.retry_of == entry.id)


async def due(desk: Desk, return_id: UUID) -> Any:
    async with desk.uow() as uow:
        return await reinitiate(uow, return_id)


async def came_back(desk: Desk, entry: Entry, code: str = "R01") -> dict[str, Any]:
    return await desk.returned(entry, code)


async def test_nothing_is_sent_again_unless_that_was_opted_into(desk: Desk) -> None:
    row = await came_back(desk, await desk.entry())
    assert (row["reinitiation_state"], row["reason"]) == (None, "reinitiation is not opted in")
    row = await came_back(desk, await desk.entry(reinitiate=True))
    assert row["reinitiation_state"] == "planned", "the debit's own word counts"
    await desk.opted_in()
    row = await came_back(desk, await desk.entry(reinitiate=False))
    assert row["reinitiation_state"] is None


async def test_it_goes_out_on_its_banking_day_with_the_same_amount_and_never_a_third_time(desk: Desk) -> None:
    await desk.opted_in()
    entry, seen = await desk.entry(amount=12_345), []
    for number in (1, 2):
        row = await came_back(desk, entry, "R09" if number == 2 else "R01")
        assert row["reinitiation_state"] == "planned"
        async with desk.uow() as uow:
            today = (await uow.business_now()).astimezone(NEW_YORK).date()
        assert row["reinitiate_on"] == add_banking_days(today, 1)
        assert await due(desk, row["id"]) == (None, opening_of_business(row["reinitiate_on"])), "not before its day"
        await desk.later(days=5)
        made, _ = await due(desk, row["id"])
        assert await due(desk, row["id"]) == (made, None), "a repeat finds it made"
        [again] = await tries(desk, entry)
        seen.append((again["description"], again["entry_description"], again["amount"], again["retry_number"]))
        entry = await desk.taken(again["id"])
    assert seen == [("RETRY PYMT", "RETRY PYMT", 12_345, 1), ("RETRY PYMT", "RETRY PYMT", 12_345, 2)]
    row = await came_back(desk, entry)
    assert (row["reinitiation_state"], row["reason"]) == (None, "sent again 2 times already")
    assert (await desk.account_row(entry.account_id))["is_active"], "three entries, yet one payment that came back"
    assert await desk.balances() == {"uncleared": 0, "cash": 0, "in_transit": 0, "bank": 0}


async def test_a_try_whose_day_would_be_after_the_180th_is_not_made(desk: Desk) -> None:
    await desk.opted_in()
    entry = await desk.entry()
    await desk.moved(entry, "settled")
    await desk.process()
    await desk.later(days=179)
    row = await came_back(desk, entry)
    assert (row["reinitiation_state"], "180 days" in row["reason"]) == (None, True)


async def test_the_180_days_begin_with_the_settlement_and_not_with_the_day_it_was_heard_of(desk: Desk) -> None:
    await desk.opted_in()
    entry = await desk.entry()
    await desk.later(days=10)
    await desk.moved(entry, "settled")
    await desk.process()
    await desk.later(days=172)
    row = await came_back(desk, entry)
    assert (row["reinitiation_state"], "180 days" in row["reason"]) == (None, True)


async def test_a_planned_try_that_waited_too_long_is_not_made(desk: Desk) -> None:
    await desk.opted_in()
    row = await came_back(desk, entry := await desk.entry())
    await desk.later(days=190)
    assert await due(desk, row["id"]) == (None, None)
    assert (await desk.return_of(entry))["reinitiation_state"] == "canceled"
    assert await tries(desk, entry) == []


async def test_a_try_that_waits_for_the_gateway_until_it_would_settle_too_late_is_taken_back(desk: Desk) -> None:
    await desk.opted_in()
    entry = await desk.entry()
    await desk.moved(entry, "settled")
    await desk.process()
    await desk.later(days=160)
    row = await came_back(desk, entry)
    await desk.later(days=7)
    made, _ = await due(desk, row["id"])
    assert made is not None
    await desk.later(days=20)
    flow = all_flows(desk.settings)["ach-debit"]
    async with desk.uow() as uow:
        with pytest.raises(StateConflict) as refused:
            await flow.plan(uow, await flow.lock(uow, made), "debit")
    assert (refused.value.code, refused.value.who_must_act) == ("retry_too_late", "payee")


async def test_an_account_that_was_disabled_meanwhile_is_not_debited_again(desk: Desk) -> None:
    await desk.opted_in()
    entry = await desk.entry()
    row = await came_back(desk, entry)
    other = await desk.entry(entry.account_id, 100)
    await came_back(desk, other, "R02")
    await desk.later(days=5)
    assert await due(desk, row["id"]) == (None, None)
    stopped = await desk.return_of(entry)
    assert (stopped["reinitiation_state"], stopped["reason"]) == (
        "canceled",
        "The account is disabled for good: another one is needed.",
    )


async def test_a_used_up_day_postpones_the_try(desk: Desk) -> None:
    await desk.opted_in()
    entry = await desk.entry()
    row = await came_back(desk, entry)
    await desk.later(days=5)
    async with desk.uow() as uow:
        await uow.connection.execute(text("update merchant set per_day_limit = 20000"))
    await desk.entry(amount=10_000)
    made, again = await due(desk, row["id"])
    assert made is None
    assert again is not None
    await desk.later(days=5)
    made, _ = await due(desk, row["id"])
    assert made is not None


async def test_an_operator_may_stop_a_planned_try_and_no_made_one(desk: Desk) -> None:
    await desk.opted_in()
    entry = await desk.entry()
    row = await came_back(desk, entry)
    assert (await desk.transaction(entry.id))["must_act"] == "nobody"
    steps = AchReturnSteps()
    async with desk.uow() as uow:
        await steps.command(uow, await steps.lock(uow, row["id"]), "cancel", {"reason": "paid by cheque"})
    await desk.later(days=5)
    assert await due(desk, row["id"]) == (None, None)
    stopped = await desk.return_of(entry)
    assert (stopped["reason"], stopped["must_act"]) == ("paid by cheque", "payee")
    assert (await desk.transaction(entry.id))["must_act"] == "payee", "it was nobody's while a try was planned"
    async with desk.uow() as uow:
        with pytest.raises(StateConflict):
            await steps.command(uow, await steps.lock(uow, row["id"]), "cancel", {})
