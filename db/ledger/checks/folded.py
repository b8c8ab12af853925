"""Folded values, per-day sums and checkpoints equal the entries that they stand for."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference

PROOF = "folded values equal entries"


async def folded_values_equal_entries(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """Every row below the watermark is counted once, and the watermark is one that this server can have reached."""
    found = await differences(
        connection,
        PROOF,
        """
        select 'the watermark' as subject, 'at most ' || pg_snapshot_xmin(pg_current_snapshot()) as expected,
            watermark as found
        from ledger.fold_state where watermark > pg_snapshot_xmin(pg_current_snapshot())
        """,
    )
    found += await differences(
        connection,
        PROOF,
        """
        with summed as (
            select account_id, coalesce(sum(amount) filter (where layer = 'posted'), 0) as posted,
                sum(hold_change) as held, count(*) as lines
            from ledger.line where xid < (select watermark from ledger.fold_state) group by account_id
        )
        select 'account ' || coalesce(f.account_id, s.account_id) as subject,
            coalesce(s.posted, 0) || ' posted, ' || coalesce(s.held, 0) || ' held, ' || coalesce(s.lines, 0) || ' lines'
                as expected,
            coalesce(f.posted || ' posted, ' || f.held || ' held, ' || f.lines || ' lines', 'nothing') as found
        from ledger.folded f full join summed s on s.account_id = f.account_id
        where (s.posted, s.held, s.lines) is distinct from (f.posted, f.held, f.lines)
        order by coalesce(f.account_id, s.account_id)
        """,
    )
    found += await differences(
        connection,
        PROOF,
        """
        with summed as (
            select account_id, effective_date, sum(amount) as posted
            from ledger.line where layer = 'posted' and xid < (select watermark from ledger.fold_state)
            group by account_id, effective_date
        )
        select 'account ' || account_id || ' on ' || effective_date as subject, s.posted as expected, d.posted as found
        from ledger.folded_day d full join summed s using (account_id, effective_date)
        where s.posted is distinct from d.posted
        order by account_id, effective_date
        """,
    )
    return found + await differences(
        connection,
        PROOF,
        """
        select 'checkpoint of account ' || c.account_id || ' at ' || c.taken_at as subject,
            s.posted || ' posted, ' || s.held || ' held' as expected,
            c.posted || ' posted, ' || c.held || ' held' as found
        from ledger.checkpoint c
        cross join lateral (
            select coalesce(sum(l.amount) filter (where l.layer = 'posted'), 0) as posted,
                coalesce(sum(l.hold_change), 0) as held
            from ledger.line l where l.account_id = c.account_id and l.xid < c.watermark) as s
        where (s.posted, s.held) is distinct from (c.posted, c.held)
        order by c.account_id, c.taken_at
        """,
    )
