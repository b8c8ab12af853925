"""Every transaction has the one audit row that was written with it, and it says what the books say."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def audit_rows_match_transactions(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """Rebuilds from transactions and entries what the audit rows must say; missing and surplus ones differ too."""
    return await differences(
        connection,
        "audit rows match transactions",
        """
        with entries as (
            select e.transaction_id,
                jsonb_agg(ledger.told_entry(d.code, c.code, e.amount, e.currency, e.layer, e.releases) order by e.n)
                    as told,
                bool_and((e.organization_id, e.effective_date, e.recorded_at, e.xid)
                    = (t.organization_id, t.effective_date, t.recorded_at, t.xid)) as repeats
            from ledger.entry e
            join ledger.transaction t on t.id = e.transaction_id
            left join ledger.account d on d.id = e.debit_account
            left join ledger.account c on c.id = e.credit_account
            group by e.transaction_id
        ), booked as (
            select t.id::text as id, t.organization_id, t.recorded_at, t.xid, 'ledger.' || t.operation as action,
                ledger.told(t.key, t.kind, t.description, t.resolves, t.effective_date, t.recorded_at, entries.told)
                    as told,
                coalesce(entries.repeats, false) as repeats
            from ledger.transaction t left join entries on entries.transaction_id = t.id
        ), audited as (
            select subject_id as id, organization_id, xid, action, detail from audit.entry
            where subject_kind = 'ledger_transaction'
        )
        select 'transaction ' || coalesce(booked.id, audited.id) as subject,
            coalesce(audited.action || ' ' || audited.detail, 'no audit row, hence no transaction') as expected,
            case when booked.id is null then 'no transaction'
                when not booked.repeats then 'entries of another date, instant, organization, or none at all'
                else booked.action || ' ' || booked.told end as found
        from booked full join audited on audited.id = booked.id
        where booked.repeats is not true
            or (booked.organization_id, booked.xid, booked.action, booked.told)
                is distinct from (audited.organization_id, audited.xid, audited.action, audited.detail)
        order by booked.recorded_at, 1
        """,
    )
