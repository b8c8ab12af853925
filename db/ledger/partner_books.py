"""Partners' books against ours: equal to what is posted plus, for each open money call, nothing or what it holds."""

from collections.abc import Sequence

import asyncpg

from db.ledger.partner_book import PartnerBook
from db.ledger.report import Difference

_POSTED = """
select coalesce(sum(l.amount), 0)::bigint from ledger.line l
where l.layer = 'posted' and l.currency = $1 and ($2::uuid is null or l.organization_id = $2)
    and exists (select from unnest($3::text[]) as wanted (pattern) where ledger.fits(l.code, wanted.pattern))
"""
_OPEN = """
select h.owner_id, sum(l.amount)::bigint as amount
from ledger.hold h
join ledger.transaction t on h.id in (t.id, t.resolves)
join ledger.line l on l.transaction_id = t.id and l.layer = 'held'
where h.state = 'open' and h.owner_kind = 'money_call' and l.currency = $1
    and ($2::uuid is null or l.organization_id = $2)
    and exists (select from unnest($3::text[]) as wanted (pattern) where ledger.fits(l.code, wanted.pattern))
group by h.owner_id having sum(l.amount) <> 0 order by h.owner_id
"""

MOST_SUMS = 1_000_000
"""How many different sums of open calls are told apart; beyond that many open calls, only the range is proven."""


async def partner_books_agree(
    connection: "asyncpg.Connection[asyncpg.Record]", books: Sequence[PartnerBook]
) -> list[Difference]:
    """One difference per book that no combination of open calls explains."""
    found = []
    for book in books:
        values = (book.currency, book.organization_id, list(book.accounts))
        posted = await connection.fetchval(_POSTED, *values)
        held = [row["amount"] for row in await connection.fetch(_OPEN, *values)]
        if not explains(book.balance - posted, held):
            expected = f"{posted} posted" + (f", and of {sorted(held)} in doubt all or nothing each" if held else "")
            found.append(
                Difference(
                    "partner books agree", f"{book.rail} {book.name}", expected, f"{book.balance} {book.currency}"
                )
            )
    return found


def explains(difference: int, held: Sequence[int]) -> bool:
    """Whether some of the held amounts, each whole or not at all, add up to the difference."""
    sums = {0}
    for amount in held:
        sums |= {known + amount for known in sums}
        if len(sums) > MOST_SUMS:
            lowest = sum(amount for amount in held if amount < 0)
            highest = sum(amount for amount in held if amount > 0)
            return lowest <= difference <= highest
    return difference in sums
