"""A key names one transaction of its organization."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def one_transaction_per_key(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """Counted from the rows, whatever the unique index believes."""
    return await differences(
        connection,
        "one transaction per key",
        """
        select 'key ' || key || ' of organization ' || organization_id as subject, 1 as expected, count(*) as found
        from ledger.transaction group by organization_id, key having count(*) > 1 order by 1
        """,
    )
