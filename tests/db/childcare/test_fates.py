"""Whatever happens in whatever order: budgets hold, wallets are what the books say, and nothing is paid twice."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest
from sqlalchemy import text

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from db.queries import chek_wallet
from domain.childcare_accounts import family_wallet, program_funds
from domain.childcare_month import following, month_of
from tests.conftest import fresh_database
from tests.db.childcare.conftest import Household, household
from tests.db.childcare.fate import Fate

SUMS = """
    select a.id, a.family_id, a.selected_cents, a.paid_cents, a.reclaimed_cents, a.allocation_cents,
        (select coalesce(sum(amount_cents), 0) from care_day d where d.allocation_id = a.id and deleted_at is null)
        + (select coalesce(sum(amount_cents), 0) from lump_sum l where l.allocation_id = a.id and deleted_at is null)
            as selected,
        (select coalesce(sum(amount_cents), 0) from provider_payment p
            where p.allocation_id = a.id and returned_at is null) as paid,
        (select coalesce(sum(amount_cents), 0) from reclaim r where r.allocation_id = a.id and state <> 'cancelled')
            as reclaimed,
        (select coalesce(sum(amount_cents), 0) from reclaim r where r.allocation_id = a.id and state = 'reclaimed')
            + (select coalesce(sum(amount_cents), 0) from payment_intent i where i.allocation_id = a.id
                and funded_at is not null and state <> 'given_back') as gone
    from month_allocation a
"""
PAID_TWICE = """
    select count(*) as times from payment_intent_item i join payment_intent p on p.id = i.payment_intent_id
    where p.state in ('paid', 'settled') group by coalesce(i.care_day_id, i.lump_sum_id) having count(*) > 1
"""
UNDER_WAY = """
    select coalesce(sum(amount_cents), 0) as cents from payment_intent
    where funded_at is not null and state not in ('paid', 'settled', 'given_back')
"""


@pytest.fixture
async def database(migrated: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database whose clock this test alone moves."""
    async with fresh_database(migrated) as name:
        opened = Database(migrated.app_url(name), Keyring.generate())
        yield opened
        await opened.close()


@pytest.fixture
async def home(database: Database) -> Household:
    """Next month lies ahead: its weeks lock as time passes."""
    async with database.across_organizations(actor="test") as uow:
        today = (await uow.business_now()).date()
    return await household(database, following(month_of(today)))


async def hold(fate: Fate) -> None:
    """The sums of every moment, of every budget."""
    async with fate.home.work() as uow:
        for row in await uow.all(text(SUMS)):
            assert row["selected_cents"] == row["selected"]
            assert row["paid_cents"] == row["paid"] <= row["selected"]
            assert row["reclaimed_cents"] == row["reclaimed"]
            assert row["selected"] + row["reclaimed"] <= row["allocation_cents"]
        assert await uow.all(text(PAID_TWICE)) == []


async def agree(fate: Fate) -> None:
    """The sums at rest: the books and Chek's wallets, budget by budget, and the money of payments under way."""
    home = fate.home
    async with home.work() as uow:
        for user in home.users:
            assert await chek_wallet.posted(uow, user, "USD") == fate.chek[user]
        program = await uow.ledger.balance(program_funds(home.program_id), "USD")
        assert program.posted.minor_units == fate.program
        for row in await uow.all(text(SUMS)):
            account = await uow.ledger.balance(family_wallet(row["family_id"], row["id"]), "USD")
            assert account.posted.minor_units == row["allocation_cents"] - row["gone"]
        underway = await uow.one_or_none(text(UNDER_WAY))
        assert underway is not None
        assert underway["cents"] == sum(fate.chek[user] for user in home.users[1:])


@pytest.mark.parametrize("seed", range(3))
async def test_one_thing_after_another(home: Household, seed: int) -> None:
    fate = Fate(home, Random(seed))
    await fate.fund()
    for _ in range(140):
        await fate.act()
        await hold(fate)
    await fate.come_to_rest()
    await agree(fate)
    assert fate.happened["answer"] > 5, fate.happened
    assert fate.happened["reclaim"] > 1, fate.happened
    assert fate.happened["returned"] > 0, fate.happened
    assert fate.happened["pay_run"] > 0, fate.happened


@pytest.mark.parametrize("seed", range(3))
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
    assert fate.happened["reclaim"] > 1, fate.happened
    assert fate.happened["returned"] > 0, fate.happened
    assert fate.happened["pay_run"] > 0, fate.happened
