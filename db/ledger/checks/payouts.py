"""What is true of attempts to pay out at every moment: each has one money call, each debit of a bank one attempt."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def every_bank_debit_has_one_attempt(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """A payout's money call has an attempt of the same number, and no two have the same transfer of their rail."""
    return await differences(
        connection,
        "every bank debit has one attempt",
        """
        with call as (
            select m.id, m.organization_id, m.flow_id, m.ordinal, m.rail, m.rail_id
            from public.money_call m where m.flow = 'reimbursement' and m.step = 'payout' and m.state = 'applied'
        )
        select 'money call ' || c.id as subject, '1 attempt' as expected, count(a.id) || ' attempts' as found
        from call c
        left join public.payout_holding h on h.report_id = c.flow_id and h.organization_id = c.organization_id
        left join public.payout_attempt a on a.holding_id = h.id and a.ordinal = c.ordinal
        group by c.id having count(a.id) <> 1
        union all
        select c.rail || ' ' || coalesce(c.rail_id, 'without an id'), '1 attempt', count(*) || ' attempts'
        from call c group by c.rail, c.rail_id having count(*) <> 1 and c.rail_id is not null
        order by 1
        """,
    )


async def bank_fees_are_attempts(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """What stands as fees is what rails took for attempts, and what banks kept of wires that came back."""
    return await differences(
        connection,
        "bank fees are attempts",
        """
        with taken as (
            select organization_id, sum(fee) as fee from (
                select organization_id, fee from public.payout_attempt
                union all
                select organization_id, fee from public.wire_return where confirmed_by is not null
            ) t group by 1
        ), booked as (
            select organization_id, sum(amount) filter (where layer = 'posted') as fee
            from ledger.line where code = 'expense:bank_fees' group by 1
        )
        select 'fees of ' || coalesce(t.organization_id, b.organization_id) as subject,
            coalesce(t.fee, 0) as expected, coalesce(b.fee, 0) as found
        from taken t full join booked b using (organization_id)
        where coalesce(t.fee, 0) <> coalesce(b.fee, 0)
        order by 1
        """,
    )


async def outstanding_checks_are_attempts(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """What stands as checks that are out is the sum of the checks that are neither cashed nor ended."""
    return await differences(
        connection,
        "outstanding checks are attempts",
        """
        with out as (
            select m.organization_id, m.currency, sum(m.amount) as amount
            from public.payout_attempt a
            join public.payout_holding h on h.id = a.holding_id
            join public.money_call m on m.flow = 'reimbursement' and m.flow_id = h.report_id and m.step = 'payout'
                and m.ordinal = a.ordinal
            where a.kind = 'check' and a.paid_at is null and m.state = 'applied' and m.returned_at is null
            group by 1, 2
        ), booked as (
            select organization_id, currency, sum(amount) filter (where layer = 'posted') as amount
            from ledger.line where code = 'external:bank:outstanding_checks' group by 1, 2
        )
        select 'checks of ' || coalesce(o.organization_id, b.organization_id) as subject,
            -coalesce(o.amount, 0) as expected, coalesce(b.amount, 0) as found
        from out o full join booked b using (organization_id, currency)
        where -coalesce(o.amount, 0) <> coalesce(b.amount, 0)
        order by 1
        """,
    )
