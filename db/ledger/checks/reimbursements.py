"""What is true of reimbursements at every moment, also in the middle of one."""

import asyncpg

from db.ledger.difference_query import differences
from db.ledger.report import Difference


async def clearing_equals_unpaid_payouts(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """A payout's clearing account is zero or the unpaid holding; its funding what was brought and not yet held."""
    return await differences(
        connection,
        "clearing equals unpaid payouts",
        """
        with due as (
            select h.organization_id, h.currency, 'clearing:reimbursements:' || replace(h.id::text, '-', '') as code,
                case when h.funding = 'settled' and not exists (
                    select from public.money_call m where m.flow = 'reimbursement' and m.flow_id = h.report_id
                        and m.step = 'payout' and m.state = 'applied' and m.returned_at is null)
                    then h.amount else 0 end as unpaid,
                (select coalesce(sum(-p.amount), 0) from public.expense_payout p
                    where p.holding_id = h.id and p.state = 'settled')
                    - case h.funding when 'settled' then h.amount else 0 end as brought
            from public.payout_holding h
        ), wanted as (
            select organization_id, currency, code, unpaid as balance from due
            union all select organization_id, currency, code || ':funding', brought from due
        ), booked as (
            select organization_id, currency, code, sum(amount) filter (where layer = 'posted') as balance
            from ledger.line where code like 'clearing:reimbursements:%' group by 1, 2, 3
        )
        select coalesce(w.code, b.code) as subject, coalesce(w.balance, 0) as expected, coalesce(b.balance, 0) as found
        from wanted w full join booked b using (organization_id, currency, code)
        where coalesce(w.balance, 0) <> coalesce(b.balance, 0)
        order by 1
        """,
    )


async def reservations_belong_to_approved_reports(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> list[Difference]:
    """Money is reserved for a report exactly while it is approved and its payouts are not recorded."""
    return await differences(
        connection,
        "reservations belong to approved reports",
        """
        select 'report ' || coalesce(r.id, h.owner_id) as subject, coalesce(r.state, 'no report') as expected,
            coalesce(h.state, 'no reservation') as found
        from public.report r
        full join (select h.* from ledger.hold h join ledger.transaction t on t.id = h.id
            where h.owner_kind = 'reservation' and t.kind = 'reimbursement_reserved') as h on h.id = r.reservation_id
        where (r.state = 'reimbursement_approved') is distinct from (h.state = 'open')
            and (r.state = 'reimbursement_approved' or h.state = 'open')
        order by 1
        """,
    )


async def nobody_is_paid_more_than_approved(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Difference]:
    """Per report, what was paid less what came back is at most what was approved, and nothing of one that is undone."""
    return await differences(
        connection,
        "nobody is paid more than approved",
        """
        select 'report ' || r.id as subject, 'at most ' || approved.amount as expected, paid.amount as found
        from public.report r
        cross join lateral (select coalesce(sum(m.amount), 0) as amount from public.money_call m
            where m.flow = 'reimbursement' and m.flow_id = r.id and m.step = 'payout' and m.state = 'applied'
                and m.returned_at is null) as paid
        cross join lateral (select case when r.state in ('reversed', 'cancelled') then 0
            else coalesce(sum(e.amount), 0) end as amount
            from public.expense e where e.report_id = r.id and e.state = 'approved') as approved
        where paid.amount > approved.amount
        order by 1
        """,
    )
