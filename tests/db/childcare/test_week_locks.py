"""The database locks weeks by itself, for every writer, at the instant that the domain says."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.childcare_week import lock_of, week_of
from domain.errors import BursarError
from domain.money import Money
from services import care_day, lump_sum, reclaim
from tests.conftest import fresh_database
from tests.db.childcare.conftest import FLOWS, Household
from tests.db.childcare.test_constraints import DAY, a_day, refused, values

ZONES = ("America/Denver", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "America/Asuncion")
MONDAY = date(2035, 11, 5)
LOCK = lock_of(MONDAY, "America/Denver")


@pytest.fixture
async def database(migrated: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database whose clock this test alone moves."""
    async with fresh_database(migrated) as name:
        opened = Database(migrated.app_url(name), Keyring.generate())
        yield opened
        await opened.close()


async def to(home: Household, instant: datetime) -> None:
    """Move the business clock."""
    await home.execute("select advance_business_clock(:instant)", instant=instant)


async def test_database_and_domain_agree_on_every_lock(home: Household) -> None:
    mondays = [week_of(date(2024, 1, 1)) + timedelta(weeks=n) for n in range(52 * 6)]
    pairs = [(zone, day) for zone in ZONES for day in mondays]
    # clocks that were put back within a Monday's last hour
    pairs += [("America/Lima", date(1986, 3, 31)), ("Asia/Amman", date(1985, 9, 30))]
    async with home.work() as uow:
        said = await uow.connection.execute(
            text(
                "select childcare_week_lock(day, zone) from unnest(cast(:days as date[]), cast(:zones as text[]))"
                " with ordinality as pair (day, zone, number) order by number"
            ),
            {"days": [day for _, day in pairs], "zones": [zone for zone, _ in pairs]},
        )
        assert list(said.scalars()) == [lock_of(day, zone) for zone, day in pairs]


async def test_nothing_of_a_locked_week_changes_not_even_back(home: Household) -> None:
    live, deleted, later = (
        await a_day(home, date=MONDAY),
        await a_day(home, date=MONDAY + timedelta(days=6)),
        await a_day(home, date=MONDAY + timedelta(days=7)),
    )
    await home.execute("update care_day set deleted_at = now() where id = :id", id=deleted)
    await to(home, LOCK - timedelta(seconds=30))
    await home.execute("update care_day set kind = 'full' where id = :id", id=live)
    await to(home, LOCK + timedelta(seconds=1))

    await refused(home, DAY, "week is locked", **values(home, date=MONDAY + timedelta(days=3)))
    await refused(home, "update care_day set deleted_at = now() where id = :id", "week is locked", id=live)
    await refused(home, "update care_day set deleted_at = null where id = :id", "week is locked", id=deleted)
    await refused(home, "update care_day set date = date + 7 where id = :id", "stays where it is", id=live)
    await home.execute("update care_day set deleted_at = now() where id = :id", id=later)
    for deed in (care_day.delete, care_day.restore):
        async with home.work() as uow:
            with pytest.raises(BursarError) as said:
                await deed(uow, live if deed is care_day.delete else deleted)
        assert said.value.code == "week_locked"


async def test_after_its_month_what_nobody_submitted_is_freed_and_taken_back(home: Household) -> None:
    await a_day(home, date=MONDAY)
    await to(home, datetime(2035, 12, 1, 6, 59, tzinfo=UTC))
    async with home.work() as uow:
        with pytest.raises(BursarError) as said:
            await reclaim.take_back(uow, FLOWS, home.allocation_id, None, "over", release_unsubmitted=True)
    assert said.value.code == "month_not_over"
    await to(home, datetime(2035, 12, 1, 7, 0, tzinfo=UTC))

    async with home.work() as uow:
        row = await reclaim.take_back(uow, FLOWS, home.allocation_id, None, "over", release_unsubmitted=True)

    assert row["amount_cents"] == 100_000
    assert await home.value("select selected_cents from month_allocation") == 0
    async with home.work() as uow:
        with pytest.raises(BursarError) as said:
            await lump_sum.select(uow, home.allocation_id, home.provider_id, Money(1, "USD"), 1, 0)
    assert said.value.code == "over_budget"
