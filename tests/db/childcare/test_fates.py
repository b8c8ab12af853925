"""Whatever happens in whatever order: budgets hold, wallets are what the books say, and nothing is paid twice."""

import asyncio
from random import Random

import pytest
from sqlalchemy import text

from db.queries import chek_wallet
from tests.db.childcare.conftest import Household
from tests.db.childcare.fate import Fate, paid_items

SUMS = """
    select a.selected_cents, a.paid_cents, a.allocation_cents,
        (select coalesce(sum(amount_cents), 0) from care_day where deleted_at is null)
        + (select coalesce(sum(amount_cents), 0) from lump_sum where deleted_at is null) as selected,
        (select coalesce(sum(amount_cents), 0) from provider_payment) as paid
    from month_allocation a
"""


async def hold(fate: Fate) -> None:
    """The sums of every moment."""
    async with fate.home.work() as uow:
        row = await uow.one_or_none(text(SUMS))
        assert row is not None
        assert row["selected_cents"] == row["selected"] <= row["allocation_cents"]
        assert row["paid_cents"] == row["paid"] <= row["selected"]
        assert all(times == 1 for times in (await paid_items(uow)).values())


async def agree(fate: Fate) -> None:
    """The sums at rest: the books and Chek's wallets, and the money of every payment that is still on its way."""
    async with fate.home.work() as uow:
        for user in fate.home.users:
            assert await chek_wallet.posted(uow, user, "USD") == fate.chek[user]
        underway = await uow.one_or_none(
            text(
                "select coalesce(sum(amount_cents), 0) as cents from payment_intent where funded_at is not null"
                " and state not in ('paid', 'given_back')"
            )
        )
        assert underway is not None
        assert underway["cents"] == sum(fate.chek[user] for user in fate.home.users[1:])


@pytest.mark.parametrize("seed", range(4))
async def test_one_thing_after_another(home: Household, seed: int) -> None:
    fate = Fate(home, Random(seed))
    await fate.fund()
    for _ in range(100):
        await fate.act()
        await hold(fate)
    await fate.come_to_rest()
    await agree(fate)
    assert fate.happened["answer"] > 5, fate.happened


@pytest.mark.parametrize("seed", range(4))
async def test_six_at_once(home: Household, seed: int) -> None:
    fate = Fate(home, Random(seed))
    await fate.fund()

    async def live() -> None:
        for _ in range(40):
            await fate.act()

    await asyncio.gather(*(live() for _ in range(6)))
    await fate.come_to_rest()
    await hold(fate)
    await agree(fate)
    assert fate.happened["answer"] > 5, fate.happened
