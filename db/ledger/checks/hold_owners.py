"""Each open hold belongs to an open owner, and each open owner's hold is open."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def holds_belong_to_open_owners(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """Money calls: open means neither applied nor refused. A reservation's flow proves its own holds."""
    return await differences(
        connection,
        "holds belong to open owners",
        """
        select coalesce('hold ' || h.id, 'money call ' || m.id) as subject,
            case when m.id is null then 'a money call' else 'hold ' || coalesce(m.hold_id::text, 'none') || ', '
                || case when m.state in ('applied', 'refused') then 'resolved' else 'open' end end as expected,
            coalesce(h.state, 'no hold') || coalesce(' for money call ' || h.owner_id || ', ' || m.state, '') as found
        from (select * from ledger.hold where owner_kind = 'money_call') as h
        full join (select * from public.money_call where hold_id is not null) as m
            on m.hold_id = h.id and m.id = h.owner_id and m.organization_id = h.organization_id
        where m.id is null or h.id is null
            or h.state is distinct from
                case m.state when 'applied' then 'posted' when 'refused' then 'voided' else 'open' end
        order by 1
        """,
    )
