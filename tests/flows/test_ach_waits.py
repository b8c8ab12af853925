"""The long waits, lived through: sixty days of claims, and a hundred and eighty in which a debit may be sent again."""

from datetime import date, timedelta
from math import ceil
from typing import Any

import pytest

from domain.calendar import (
    add_banking_days,
    banking_day_on_or_after,
    is_banking_day,
    opening_of_business,
)
from settings import Settings
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import book, cash, come_back, entry
from tests.proof import prove
from tests.system import System

CLAIM_OF_DAY_58 = "990009210"
"""A magic account of the sandbox: its bank sends a live debit back as R10 on the 58th day."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Returned debits are sent again on the next banking day."""
    epx = settings.epx.model_copy(update={"reinitiate_after_banking_days": 1})
    return settings.model_copy(update={"epx": epx})


async def go_to(system: System, day: date) -> None:
    """Live until that day's opening of business, or up to an hour more."""
    async with system.house.database.across_organizations(actor="test") as uow:
        left = opening_of_business(day) - await uow.business_now()
    hours = ceil(left / timedelta(hours=1))
    if hours > 0:
        await system.advance_clock(days=hours // 24, hours=hours % 24)


async def settlement_of(system: System, debit: dict[str, Any]) -> date:
    """The day on which it settles, by the gateway's book, which knows it once the debit has gone out."""
    while True:
        seen = {taken["tran_nbr"]: taken for taken in await book(system, "2")}
        if seen[debit["tran_nbr"]]["settlement_date"] is not None:
            return date.fromisoformat(seen[debit["tran_nbr"]]["settlement_date"])
        await system.advance_clock(days=1)


async def return_of(system: System, debit: dict[str, Any]) -> dict[str, Any]:
    """The debit's return, once it is decided."""
    path = f"/v1/ach-returns?transaction_id={debit['id']}"
    seen = await system.until(path, lambda found: bool(found["data"]) and found["data"][0]["state"] == "decided")
    found: dict[str, Any] = seen["data"][0]
    return found


async def test_a_claim_is_handled_the_same_on_the_second_the_58th_and_a_later_day(system: System) -> None:
    made = await merchant(system)
    debits = {}
    for day, number in (("second", "123456789"), ("58th", CLAIM_OF_DAY_58), ("75th", "123456780")):
        account = await stored_account(system, made, number, customer_id=f"customer-{day}")
        debits[day] = await debited(system, account["id"])
    settled_on = await settlement_of(system, debits["58th"])
    await go_to(system, settled_on)
    for debit in debits.values():
        await entry(system, "ach-debits", debit, "settled")
    assert await cash(system) == 45_000

    await go_to(system, settled_on + timedelta(days=2))
    await come_back(system, debits["second"], "R10")
    early = await return_of(system, debits["second"])
    await go_to(system, settled_on + timedelta(days=57))
    assert (await _seen(system, debits["58th"]))["ach_state"] == "settled"
    assert await cash(system) == 30_000
    await go_to(system, banking_day_on_or_after(settled_on + timedelta(days=58)) + timedelta(days=1))
    late = await return_of(system, debits["58th"])
    await go_to(system, settled_on + timedelta(days=75))
    await come_back(system, debits["75th"], "R10")
    latest = await return_of(system, debits["75th"])

    same = ("code", "account_effect", "authorization_revoked", "loss_amount", "reason", "who_must_act", "category")
    for other in (late, latest):
        assert {name: other[name] for name in same} == {name: early[name] for name in same}
    assert late["came_by"] == latest["came_by"] == "feed"
    for debit in debits.values():
        seen = await entry(system, "ach-debits", debit, "returned")
        assert not (await system.get(f"/v1/ach-accounts/{seen['account_id']}"))["is_active"]
    assert await cash(system) == 0
    await prove(system)


async def test_a_debit_is_sent_again_as_long_as_that_settles_by_the_180th_day_and_not_after_it(system: System) -> None:
    made = await merchant(system)
    in_time, too_late = [
        await stored_account(system, made, number, customer_id=number) for number in ("123456789", "123456780")
    ]
    debits = [await _debited_with_retries(system, account) for account in (in_time, too_late)]
    settled_on = await settlement_of(system, debits[0])
    await go_to(system, settled_on)
    debits = [await entry(system, "ach-debits", debit, "settled") for debit in debits]
    last = settled_on + timedelta(days=180)
    before = [day for day in (last - timedelta(days=n) for n in range(15)) if is_banking_day(day)]
    sent_again_on = next(day for day in before if add_banking_days(day, 1) <= last)
    returned_on = next(day for day in before if day < sent_again_on)
    await go_to(system, returned_on)
    await come_back(system, debits[0], "R01")
    planned = await return_of(system, debits[0])
    assert (planned["reinitiation_state"], planned["reinitiate_on"]) == ("planned", sent_again_on.isoformat())
    await go_to(system, sent_again_on)
    told = await system.until(f"/v1/ach-returns/{planned['id']}", lambda seen: seen["reinitiation_state"] == "made")
    again = {"id": told["reinitiation_id"]}
    again = await entry(system, "ach-debits", again, "accepted")
    assert await settlement_of(system, again) <= last
    await go_to(system, last + timedelta(days=1))
    await entry(system, "ach-debits", again, "settled")

    await come_back(system, debits[1], "R01")
    refused = await return_of(system, debits[1])
    assert (refused["reinitiation_state"], "180 days" in refused["reason"]) == (None, True)
    await system.advance_clock(days=7)
    assert (await _seen(system, debits[1]))["ach_state"] == "returned"
    await prove(system)


async def _debited_with_retries(system: System, account: dict[str, Any]) -> dict[str, Any]:
    body = {"account_id": account["id"], "amount": 15_000, "currency": "USD", "reinitiate": True}
    debit: dict[str, Any] = await system.post("/v1/ach-debits", body, wait=10)
    return debit


async def _seen(system: System, debit: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, Any] = await system.get(f"/v1/ach-debits/{debit['id']}")
    return seen
