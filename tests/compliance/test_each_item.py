"""Every item of the checklist finds what offends it, and nothing else: rows are made to offend, one for each item.

The database itself refuses most of these rows, so they are written by its owner with the triggers off.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from db.flows import charge_terms
from db.flows.ach_authorization_keep import keep
from db.queries import ach_authorization as authorizations
from db.queries import mail as mails
from db.queries.compliance import checklist
from db.queries.compliance_rules import RULES, _late
from domain.authorization import BASES
from domain.calendar import add_banking_days, closures, new_york_date, next_banking_day, opening_of_business
from domain.compliance import Finding
from domain.ids import public_id
from domain.money import Money
from domain.recurrence import Frequency
from services.ach_authorization import NewAuthorization, authorize
from settings import Settings
from tests.returns.desk import Desk

OF_RETURNS = {
    "returns_handled": "update ach_return set received_at = decided_at - interval '8 days' where id = $1",
    "dispute_refunded": "update ach_return set received_at = decided_at - interval '20 days' where id = $1",
}
OF_AUTHORIZATIONS = {
    "authorization_terms": "update ach_authorization set cancellation_terms = ' ' where id = $1",
    "authorization_copy_sent": "update ach_notice set sent_at = null where kind = 'copy' and authorization_id = $1",
    "authorization_kept": "update ach_authorization set state = 'cancelled', ended_at = business_now(),"
    " retain_until = business_now()::date + 700 where id = $1",
}
_Z = "(select authorization_id from ach_transaction where id = $1)"
_T = "(select {} from ach_transaction where id = $1)"
OF_DEBITS = {
    "authorization_on_record": "update ach_transaction set authorization_id = null where id = $1",
    "cancellation_honoured": "update ach_authorization set state = 'cancelled', ended_at = "
    + _T.format("processed_at - interval '5 days'")
    + f", retain_until = business_now()::date + 3000 where id = {_Z}",
    "prenote_before_recurring": "update ach_transaction set created_at = '2020-01-01' where id = $1",
    "verification_stored": "update ach_account set verification_state = 'none' where id = " + _T.format("account_id"),
    "records_complete": "update ach_transaction set tran_nbr = null where id = $1",
    "no_forbidden_retry": "update ach_transaction set retry_number = 3, retry_of = (select min(id::text)::uuid from"
    " ach_transaction where id <> $1) where id = $1",
    "no_debit_after_disabling": "update ach_return set account_effect = 'disable', account_id = "
    + _T.format("account_id")
    + ", decided_at = business_now() - interval '60 days' where code = 'R23'",
    "notice_before_charge": "update ach_transaction set period_on = period_on + 1 where id = $1",
    "notice_of_another_amount": "update ach_transaction set amount = amount + 1 where id = $1",
    "notice_of_another_date": "insert into ach_notice (id, organization_id, kind, cause, merchant_id, customer_id,"
    " authorization_id, period_on, due_on) select gen_random_uuid(), organization_id, 'date_changed', 'x', merchant_id,"
    " customer_id, authorization_id, period_on, period_on from ach_transaction where id = $1",
    "receipt_sent": "delete from ach_notice where kind = 'receipt' and transaction_id = $1",
    "statement_sent": "update ach_transaction set customer_id = 'somebody' where id = $1",
}
PRIVILEGES = ("records_kept", "notices_kept")
ELSEWHERE = ("prenote_accepted", "changes_applied")


@pytest.fixture
async def owner(migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """The owner of the database, whom no trigger stops."""
    connection = await asyncpg.connect(migrated.url(database_name).replace("+asyncpg", ""))
    await connection.execute("set session_replication_role = replica")
    yield connection
    await connection.close()


@pytest.fixture
async def desk(migrated: EmbeddedPostgres, database_name: str) -> AsyncIterator[Desk]:
    """A merchant on a database of the test's own."""
    database = Database(migrated.app_url(database_name), Keyring.generate())
    yield await Desk(database, Settings()).open()
    await database.close()


async def test_each_item_is_met_by_clean_rows_and_names_the_row_that_offends_it(
    desk: Desk, owner: asyncpg.Connection[asyncpg.Record]
) -> None:
    await _to_a_morning(desk)
    made = {item: await _charged(desk, owner) for item in (*OF_DEBITS, *OF_AUTHORIZATIONS, "clean")}
    told = {item: await desk.returned(await desk.entry(amount=100), "R10") for item in OF_RETURNS}
    await desk.returned(await desk.entry(amount=100), "R23")
    corrected = await desk.entry(amount=100)
    await desk.hear(desk.notice(corrected, "C01", CORRECTED_DATA="987654321"))
    await desk.process()
    await desk.later(days=40)
    before = await _answers(desk)
    for item in (*OF_AUTHORIZATIONS, *OF_DEBITS, *OF_RETURNS, *PRIVILEGES):
        if item == "authorization_on_record":
            continue  # the debits that came back were made without one
        assert before[item].offending == 0, (item, before[item])
    assert {item for item in OF_DEBITS if before[item].status == "met"} >= {
        "prenote_before_recurring", "records_complete", "receipt_sent", "statement_sent", "verification_stored",
    }  # fmt: skip

    for item, statement in {**OF_DEBITS, **OF_AUTHORIZATIONS, **OF_RETURNS}.items():
        of = told[item]["id"] if item in OF_RETURNS else made[item][0 if item in OF_AUTHORIZATIONS else 1]
        await owner.execute(statement, of)
    await owner.execute("grant delete on ach_notice, money_call to bursar_app")
    after = await _answers(desk)
    for item in OF_DEBITS:
        assert public_id("achtx", made[item][1]) in after[item].ids, item
    for item in OF_AUTHORIZATIONS:
        assert public_id("auth", made[item][0]) in after[item].ids, item
    for item in OF_RETURNS:
        assert public_id("ret", told[item]["id"]) in after[item].ids, item
    clean = public_id("achtx", made["clean"][1])
    assert [item for item in OF_DEBITS if clean in after[item].ids] == []
    for item in PRIVILEGES:
        assert after[item].offending == after[item].checked > 0, item
    assert len(after["changes_applied"].ids) == 1, "nobody applied the correction in forty days"
    assert after["prenote_accepted"].offending > 0, "the desk's other accounts were stored without a prenote"
    assert public_id("acct", made["clean"][2]) not in after["prenote_accepted"].ids
    named = {*OF_DEBITS, *OF_AUTHORIZATIONS, *OF_RETURNS, *PRIVILEGES, *ELSEWHERE}
    assert {rule.requirement.item for rule in RULES} == named, "every item has its offending row here"

    await owner.execute("revoke delete on ach_notice, money_call from bursar_app")
    await owner.execute("alter table ach_notice disable trigger ach_notice_kept")
    assert (await _answers(desk))["notices_kept"].status == "findings"


async def test_banking_days_are_counted_as_the_calendar_does(owner: asyncpg.Connection[asyncpg.Record]) -> None:
    closed = sorted(closures(2026) | closures(2027))
    for offset in range(0, 60, 3):
        start = date(2026, 11, 20) + timedelta(days=offset)
        for banking_days in (1, 2, 10):
            for day in (start + timedelta(days=n) for n in range(18)):
                sql = (
                    _late("$1::date", "$2::date", banking_days).replace(":closed", "$3::date[]").replace("d:$3", "d::")
                )
                late = await owner.fetchval(f"select {sql}", start, day, closed)
                assert late is (day > add_banking_days(start, banking_days)), (start, day, banking_days)


async def _answers(desk: Desk) -> dict[str, Finding]:
    async with desk.uow() as uow:
        found = await checklist(uow, merchant_id=None, minimum_sample=1)
    return {finding.requirement.item: finding for finding in found}


async def _charged(desk: Desk, owner: asyncpg.Connection[asyncpg.Record]) -> tuple[UUID, UUID, UUID]:
    """A recurring authorization with its copy, a charge, its receipt and statement: (authorization, debit, account)."""
    account = await desk.account(prenote_settles_on=date(2026, 1, 2))
    await _prenoted(desk, owner, account)
    authorization = await _authorized(desk, account)
    async with desk.uow() as uow:
        await keep(uow, authorization, charge_terms(desk.settings))
    debit = await owner.fetchval("select id from ach_transaction where authorization_id = $1", authorization)
    await desk.taken(debit)
    async with desk.uow() as uow:
        await keep(uow, authorization, charge_terms(desk.settings))
        for mail_id in await mails.pending(uow, authorizations.FLOW, authorization):
            await mails.sent(uow, await mails.read(uow, mail_id))
        await keep(uow, authorization, charge_terms(desk.settings))
    # the later periods are of no concern here, and the statement is as it would be sent next month
    await owner.execute("update ach_authorization set state = 'paused' where id = $1", authorization)
    await owner.execute(
        "insert into ach_notice (id, organization_id, kind, cause, merchant_id, customer_id, authorization_id,"
        " period_on, due_on, sent_at, mail_id) select gen_random_uuid(), organization_id, 'statement', id::text,"
        " merchant_id, customer_id, authorization_id, date_trunc('month', business_date), business_date, processed_at,"
        " gen_random_uuid() from ach_transaction where id = $1",
        debit,
    )
    return authorization, debit, account


async def _prenoted(desk: Desk, owner: asyncpg.Connection[asyncpg.Record], account: UUID) -> None:
    """The prenote that the gateway took."""
    await owner.execute(
        "insert into money_call (id, organization_id, flow, flow_id, step, ordinal, rail, operation, strategy,"
        " rail_reference, amount, currency, state, request, request_hash, code, settled_by, settled_at) values"
        " (gen_random_uuid(), $1, 'ach-account', $2::uuid, 'prenote', 1, 'epx', 'CKC0', 'harmless', $2::text, 0, 'USD',"
        " 'applied', 'x', 'x', '00', 'answer', clock_timestamp() - interval '1 minute')",
        desk.organization_id,
        str(account),
    )


async def _authorized(desk: Desk, account: UUID) -> UUID:
    async with desk.uow() as uow:
        new = NewAuthorization(
            account_id=account,
            sec="PPD",
            basis=BASES["PPD"][0],
            money=Money(500, "USD"),
            least=None,
            most=None,
            frequency=Frequency.MONTHLY,
            starts_on=new_york_date(await uow.business_now()),
            ends_on=None,
            description="Piano lessons",
            cancellation_terms="Write to us.",
            evidence_reference="forms/4711.pdf",
            evidence_hash="ab" * 32,
            customer_email="maria@example.test",
        )
        found: UUID = (await authorize(uow, desk.settings, new))["id"]
    return found


async def _to_a_morning(desk: Desk) -> None:
    """An hour after the opening of the next banking day."""
    async with desk.uow() as uow:
        now = await uow.business_now()
    opening = opening_of_business(next_banking_day(new_york_date(now)))
    await desk.later(seconds=int((opening - now).total_seconds()) + 3600)
