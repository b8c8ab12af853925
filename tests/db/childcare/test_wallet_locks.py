"""Whoever reads what a wallet must hold, and whoever changes it, meet one after the other."""

import asyncio
from random import Random

from db.queries import chek_wallet, provider_payment
from domain.money import Money
from domain.money_call import Outcome
from services import lump_sum
from services import provider_payment as payments
from tests.db.childcare.conftest import FLOWS, Household
from tests.db.childcare.fate import Fate

A_WHILE = 0.4


async def test_an_outcome_is_not_written_between_reading_a_wallet_and_holding_it(home: Household) -> None:
    fate = Fate(home, Random(1))
    await fate.fund()
    async with home.work() as uow:
        lump = await lump_sum.select(uow, home.allocation_id, home.provider_id, Money(5_000, "USD"), 1, 0)
        payment, _ = await payments.pay_lump_sum(uow, FLOWS, lump["id"], "")
    await fate.step(("provider-payment", payment["id"]))
    call = fate.in_flight[payment["id"]]

    async with home.work() as uow:
        before = await chek_wallet.expectation(uow, [home.users[0]], "USD")
        writing = asyncio.create_task(
            fate.settler.settle(call, Outcome("applied", "done", "Done.", rail_id="1"), by="answer")
        )
        await asyncio.sleep(A_WHILE)
        assert not writing.done()
        assert await chek_wallet.expectation(uow, [home.users[0]], "USD") == before

    assert await writing
    async with home.work() as uow:
        assert (await provider_payment.get(uow, payment["id"]))["state"] == "funded"
        assert await chek_wallet.posted(uow, home.users[0], "USD") == 195_000
