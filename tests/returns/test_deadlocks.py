"""Everything at once on one merchant and account: nobody waits in a circle, and what PostgreSQL ends is repeated."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from activities.inbox import Inbox
from cli.embedded.postgres import EmbeddedPostgres
from db.engine import Database
from db.flows import charge_terms
from db.flows.ach_authorization import AchAuthorizationSteps
from db.flows.ach_authorization_keep import keep
from db.flows.ach_reinitiation import reinitiate
from db.queries import ach as entries
from db.repeat import repeated, sqlstate
from db.tables.ach import ach_transaction
from db.tables.ach_return import ach_return
from domain.authorization import BASES
from domain.calendar import new_york_date, next_banking_day, opening_of_business
from domain.errors import BursarError
from domain.money import Money
from domain.recurrence import Frequency
from services.ach import debit
from services.ach_authorization import NewAuthorization, authorize
from services.ach_credit import refund
from services.ach_return import release_hold
from services.ach_void import void
from tests.conftest import _execute
from tests.returns.desk import Desk, Entry

ROUNDS = 3


@pytest.fixture
async def ended(migrated: EmbeddedPostgres, database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Has PostgreSQL look for circles at once; what it ended and was repeated, by SQLSTATE."""
    await _execute(migrated, f"alter database {database.engine.url.database} set deadlock_timeout = '20ms'")
    await database.engine.dispose()
    found: list[str] = []

    def seen(error: BaseException) -> str | None:
        state = sqlstate(error)
        if state is not None:
            found.append(state)
        return state

    monkeypatch.setattr("db.repeat.sqlstate", seen)
    return found


async def test_charges_returns_tries_refunds_voids_and_commands_at_once_never_wait_in_a_circle(
    desk: Desk, ended: list[str]
) -> None:
    await desk.opted_in()
    for _ in range(ROUNDS):
        account = await desk.account(prenote_settles_on=date(2026, 1, 2))
        debits = [await desk.entry(account, 1_000) for _ in range(4)]
        for entry in debits:
            await desk.moved(entry, "settled")
        sound = await _settled(desk, await desk.account(prenote_settles_on=date(2026, 1, 2)))
        await desk.process()
        first = await desk.returned(await _settled(desk, account), "R01")
        authorization = await _authorized(desk, account)
        await _to_the_next_try(desk)
        fresh = [await desk.entry(account, 1_000) for _ in range(2)]
        for entry, code in zip(debits[:3], ("R01", "R07", "R11"), strict=True):
            await desk.hear(desk.notice(entry, code))
        await desk.hear(desk.notice(debits[3], "C01", CORRECTED_DATA="987654321"))
        deeds = [
            *(_inbox(desk.inbox()) for _ in range(3)),
            *(_keep(desk, authorization) for _ in range(2)),
            _again(desk, first["id"]),
            *(_refund(desk, entry) for entry in (*debits, sound)),
            *(_void(desk, entry) for entry in fresh),
            *(_debit(desk, account) for _ in range(3)),
            _command(desk, authorization, "pause"),
            _command(desk, authorization, "cancel"),
            _release(desk, account),
        ]
        ended += [found for found in await asyncio.gather(*(_told(deed) for deed in deeds)) if found]
    assert ended == []
    made = await desk.rows(ach_transaction)
    assert {row["type"] for row in made} == {"DEBIT", "REFUND", "VOID"}, "the deeds were done, not only refused"
    assert all(row["state"] == "decided" for row in await desk.rows(ach_return))


async def test_two_that_wait_for_each_other_are_both_done(desk: Desk, ended: list[str]) -> None:
    """A circle on purpose: the one that PostgreSQL ends is done again."""
    one, other = await desk.account(), await desk.account()
    both_hold = asyncio.Barrier(2)
    tries = []

    async def lock(first: UUID, second: UUID) -> None:
        again = first in tries
        tries.append(first)
        async with desk.uow() as uow:
            await entries.get_account(uow, first, lock=True)
            if not again:
                await both_hold.wait()
            await entries.get_account(uow, second, lock=True)

    await asyncio.gather(repeated(lambda: lock(one, other)), repeated(lambda: lock(other, one)))
    assert len(tries) == 3
    assert "40P01" in ended


async def _told(deed: Any) -> str:
    """What PostgreSQL ended a deed for; a refusal by name is an answer like any other."""
    try:
        await deed
    except BursarError:
        return ""
    except Exception as error:
        if (state := sqlstate(error)) is None:
            raise
        return state
    return ""


async def _settled(desk: Desk, account: UUID) -> Entry:
    entry = await desk.entry(account, 2_000)
    await desk.moved(entry, "settled")
    await desk.process()
    return entry


async def _authorized(desk: Desk, account: UUID) -> UUID:
    async with desk.uow() as uow:
        today = new_york_date(await uow.business_now())
        new = NewAuthorization(
            account_id=account,
            sec="PPD",
            basis=BASES["PPD"][0],
            money=Money(500, "USD"),
            least=None,
            most=None,
            frequency=Frequency.WEEKLY,
            starts_on=today,
            ends_on=None,
            description="Piano lessons",
            cancellation_terms="Write to us.",
            evidence_reference="forms/4711.pdf",
            evidence_hash="ab" * 32,
            customer_email="maria@example.test",
        )
        found: UUID = (await authorize(uow, desk.settings, new))["id"]
    return found


async def _to_the_next_try(desk: Desk) -> None:
    async with desk.database.across_organizations(actor="test") as uow:
        now = await uow.business_now()
        opening = opening_of_business(next_banking_day(new_york_date(now)))
        to = max(opening + timedelta(hours=1), now)
        await uow.connection.execute(text("select advance_business_clock(:to)"), {"to": to})


async def _inbox(inbox: Inbox) -> None:
    await inbox.process_due(limit=50)


async def _keep(desk: Desk, authorization: UUID) -> None:
    async with desk.uow() as uow:
        await keep(uow, authorization, charge_terms(desk.settings))


async def _again(desk: Desk, return_id: UUID) -> None:
    async with desk.uow() as uow:
        await reinitiate(uow, return_id)


async def _refund(desk: Desk, entry: Entry) -> None:
    async with desk.uow() as uow:
        await refund(uow, desk.settings, entry.id, None, Money(100, "USD"), "sorry")


async def _void(desk: Desk, entry: Entry) -> None:
    async with desk.uow() as uow:
        await void(uow, desk.settings, entry.id, None, "twice")


async def _debit(desk: Desk, account: UUID) -> None:
    async with desk.uow() as uow:
        row = await debit(uow, account, Money(300, "USD"), None, "lesson")
    await desk.taken(row["id"])


async def _command(desk: Desk, authorization: UUID, name: str) -> None:
    steps = AchAuthorizationSteps()
    async with desk.uow() as uow:
        await steps.command(uow, await steps.lock(uow, authorization), name, {"reason": "test"})


async def _release(desk: Desk, account: UUID) -> None:
    for row in await desk.rows(ach_return, ach_return.c.account_id == account, ach_return.c.account_effect == "hold"):
        async with desk.uow() as uow:
            await release_hold(uow, row["id"], "looked at")
