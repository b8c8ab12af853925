"""Nothing comes from nothing: per organization, currency and layer, what all accounts have sums to zero."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def sums_are_zero(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """Summed over the accounts, so that a line without its account shows, although each entry balances in itself."""
    return await differences(
        connection,
        "sums are zero",
        """
        select 'layer ' || l.layer || ' in ' || l.currency || ' of organization ' || l.organization_id as subject,
            0 as expected, sum(case a.normal when 'debit' then l.amount else -l.amount end) as found
        from ledger.line l join ledger.account a on a.id = l.account_id
        group by l.organization_id, l.currency, l.layer
        having sum(case a.normal when 'debit' then l.amount else -l.amount end) <> 0
        order by 1
        """,
    )
