"""No account is below its floor, and the balance row obeys the floor and the closing that its account was given."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def floors_are_kept(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """available = posted - held is never below the floor."""
    return await differences(
        connection,
        "floors are kept",
        """
        select 'account ' || a.code || ' ' || a.currency as subject,
            'at least ' || coalesce(a.floor::text, 'anything')
                || case when a.closed_at is null then '' else ', closed' end as expected,
            b.posted - b.held || ', floor ' || coalesce(b.floor::text, 'none')
                || case when b.closed then ', closed' else '' end as found
        from ledger.account a join ledger.balance b on b.account_id = a.id
        where b.posted - b.held < a.floor or a.floor is distinct from b.floor or (a.closed_at is not null) <> b.closed
        order by a.id
        """,
    )
