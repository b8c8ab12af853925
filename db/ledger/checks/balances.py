"""The balance of every checked account equals its entries."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def balances_equal_entries(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """posted and held, and that each checked account has a balance row and no other has one."""
    return await differences(
        connection,
        "balances equal entries",
        """
        with summed as (
            select account_id, coalesce(sum(amount) filter (where layer = 'posted'), 0) as posted,
                sum(hold_change) as held
            from ledger.line group by account_id
        )
        select 'account ' || coalesce(a.code || ' ' || a.currency, b.account_id::text) as subject,
            coalesce(s.posted, 0) || ' posted, ' || coalesce(s.held, 0) || ' held' as expected,
            coalesce(b.posted || ' posted, ' || b.held || ' held', 'no balance') as found
        from (select * from ledger.account where mode = 'checked') as a
        full join ledger.balance b on b.account_id = a.id
        left join summed s on s.account_id = a.id
        where (coalesce(s.posted, 0), coalesce(s.held, 0), a.organization_id, a.currency)
            is distinct from (b.posted, b.held, b.organization_id, b.currency)
        order by a.id
        """,
    )
