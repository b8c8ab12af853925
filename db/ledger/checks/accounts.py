"""Entries name accounts that exist, in their own organization and currency.

This stands in for foreign keys from entry to account: those would lock the row of an account that everybody touches.
"""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def entries_name_their_accounts(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """Both sides of every entry."""
    return await differences(
        connection,
        "entries name their accounts",
        """
        select 'entry ' || e.n || ' of transaction ' || e.transaction_id as subject,
            'accounts of organization ' || e.organization_id || ' in ' || e.currency as expected,
            coalesce(d.code || ' ' || d.currency, 'none') || ' and ' || coalesce(c.code || ' ' || c.currency, 'none')
                as found
        from ledger.entry e
        left join ledger.account d on d.id = e.debit_account
        left join ledger.account c on c.id = e.credit_account
        where (d.organization_id, d.currency) is distinct from (e.organization_id, e.currency)
            or (c.organization_id, c.currency) is distinct from (e.organization_id, e.currency)
        order by e.recorded_at, 1
        """,
    )
