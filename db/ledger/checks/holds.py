"""Each hold says what its entries and the entries of its resolutions say."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def holds_equal_their_entries(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """Held, posted and released amounts, the state that follows from them, and never more resolved than was held."""
    return await differences(
        connection,
        "holds equal their entries",
        """
        with entered as (
            select coalesce(t.resolves, t.id) as id, t.organization_id,
                coalesce(sum(e.amount) filter (where t.operation = 'hold'), 0) as amount,
                coalesce(sum(e.amount) filter (where e.layer = 'posted'), 0) as posted,
                coalesce(sum(e.amount) filter (where e.releases), 0) as resolved
            from ledger.transaction t join ledger.entry e on e.transaction_id = t.id
            where t.operation in ('hold', 'post_hold', 'void_hold') group by 1, 2
        ), said as (
            select *, case when resolved < amount then 'open' when posted = 0 then 'voided' else 'posted' end as state
            from entered
        )
        select 'hold ' || coalesce(h.id, s.id) as subject,
            coalesce(s.amount || ' held, ' || s.posted || ' posted, ' || s.resolved - s.posted || ' released, '
                || s.state, 'no entries') as expected,
            coalesce(h.amount || ' held, ' || h.posted || ' posted, ' || h.released || ' released, '
                || h.state, 'no hold') as found
        from ledger.hold h full join said s on s.id = h.id and s.organization_id = h.organization_id
        where (s.amount, s.posted, s.resolved - s.posted, s.state)
                is distinct from (h.amount, h.posted, h.released, h.state)
            or s.resolved > s.amount
        order by 1
        """,
    )
