"""What a person must see is said aloud at the moment of the return: an event of its own, and a line in the log."""

from typing import Any

import pytest
from sqlalchemy import select

from db.tables.event import outgoing_event
from domain.errors import StateConflict
from domain.money import Money
from services.ach import debit
from tests.returns.desk import Desk


async def test_returns_that_need_a_person_alert_at_once_and_the_others_do_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[dict[str, Any]] = []

    class Log:
        def warning(self, event: str, **values: Any) -> None:
            logged.append({"event": event, **values})

    monkeypatch.setattr("activities.inbox.log", Log())
    cases = {"R01": None, "R02": None, "R08": "account_on_hold", "R10": "return_alert", "R23": "return_review"}
    cases |= {"R29": "return_alert", "R16": "return_alert", "R17": "return_alert", "R99": "unknown_return_code"}
    for code in cases:
        await desk.returned(await desk.entry(amount=100), code)
    stranger = await desk.entry(amount=100)
    await desk.hear(desk.notice(stranger, "R10", AUTH_GUID="", TRAN_NBR="999"))
    await desk.process(2)

    wanted = {(case, code) for code, case in cases.items() if case} | {("unmatched_return", "R10")}
    async with desk.uow() as uow:
        events = await uow.all(select(outgoing_event).where(outgoing_event.c.type == "ach_return.alert"))
    assert {(row["payload"]["case"], row["payload"]["code"]) for row in events} == wanted
    assert len(events) == len(wanted), "each is said once"
    said = [line["alert"] for line in logged if line["event"] == "inbox_alert"]
    assert sorted(said) == sorted(f"{case} {code}" for case, code in wanted)


async def test_an_account_on_hold_a_disabled_one_and_an_unverified_one_are_refused_each_by_its_own_name(
    desk: Desk,
) -> None:
    for name, returned, values, who in (
        ("account_on_hold", "R11", {}, "operator"),
        ("account_disabled", "R02", {}, "payee"),
        ("account_not_verified", "", {"verification_state": "submitted"}, "caller"),
        ("account_not_verified", "", {"state": "failed", "is_active": False}, "caller"),
    ):
        account = await desk.account(**values)
        if returned:
            await desk.returned(await desk.entry(account), returned)
        with pytest.raises(StateConflict) as refused:
            async with desk.uow() as uow:
                await debit(uow, account, Money(100, "USD"), None, "")
        assert (refused.value.code, refused.value.who_must_act) == (name, who)
