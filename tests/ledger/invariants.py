"""What must hold of an organization's books at any instant, in one statement: a second opinion beside the product's."""

from tests.ledger.conftest import Books

BROKEN = """
with side as (
    select debit_account as account, amount as debit, 0 as credit, * from ledger.entry where organization_id = $1
    union all
    select credit_account, 0, amount, * from ledger.entry where organization_id = $1
), summed as (
    select a.id, a.code, a.mode, a.floor,
        coalesce(sum(case a.normal when 'debit' then debit - credit else credit - debit end)
            filter (where layer = 'posted'), 0) as posted
    from ledger.account a left join side on side.account = a.id
    where a.organization_id = $1 group by a.id
), open_hold as (
    -- a hold of one entry may have been resolved in part
    select e.debit_account, e.credit_account,
        e.amount - case when h.amount = e.amount then h.posted + h.released else 0 end as amount
    from ledger.hold h join ledger.entry e on e.transaction_id = h.id
    where h.organization_id = $1 and h.state = 'open'
), held as (
    select a.id, sum(o.amount) as held from ledger.account a join open_hold o
        on o.debit_account = a.id and a.normal = 'credit' or o.credit_account = a.id and a.normal = 'debit'
    group by a.id
)
select 'balance of ' || s.code as broken
from summed s join ledger.balance b on b.account_id = s.id left join held h on h.id = s.id
where (s.posted, coalesce(h.held, 0)) <> (b.posted, b.held) or b.posted - b.held < s.floor
union all
select 'deferred ' || s.code from summed s left join held h on h.id = s.id
where s.mode = 'deferred' and (s.posted, coalesce(h.held, 0))
    <> (select b.posted, b.held from ledger.balance_now($1, s.code, 'USD') as b)
union all
select 'sum of ' || layer from side group by layer having sum(debit) <> sum(credit)
union all
select 'key ' || key from ledger.transaction where organization_id = $1 group by key having count(*) > 1
union all
select 'hold ' || h.id from ledger.hold h where h.organization_id = $1 and (posted + released > amount
    or (h.posted, h.posted + h.released) <> (select coalesce(sum(e.amount) filter (where e.layer = 'posted'), 0),
        coalesce(sum(e.amount) filter (where e.releases), 0)
        from ledger.transaction t join ledger.entry e on e.transaction_id = t.id where t.resolves = h.id))
"""


async def broken(books: Books) -> list[str]:
    """Nothing, or what is wrong."""
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        return [row["broken"] for row in await (await uow.driver()).fetch(BROKEN, books.organization_id)]
