"""An account's statement: its lines, newest first, page by page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from domain.money import Money

# Each side by its own index, cut after a whole transaction of the database (ties): asked for both sides at once, or for
# an order that no index has, the planner would sort all lines of a busy account.
STATEMENT = """
with page as (
    (select *, 'debit' as side, credit_account as other_account from ledger.entry
        where debit_account = $1 and (xid, transaction_id, n) < ($2::bigint::text::xid8, $3, $4)
        order by xid desc fetch first $5 rows with ties)
    union all
    (select *, 'credit', debit_account from ledger.entry
        where credit_account = $1 and (xid, transaction_id, n) < ($2::bigint::text::xid8, $3, $4)
        order by xid desc fetch first $5 rows with ties)
)
select p.transaction_id, p.n, p.xid::text::bigint as xid, p.side, p.layer, p.releases,
    case when p.side = a.normal then p.amount else -p.amount end as amount, p.effective_date, p.recorded_at,
    o.code as other, t.key, t.kind, t.description
from (select * from page order by xid desc, transaction_id desc, n desc limit $5) as p
join ledger.account a on a.id = $1
join ledger.transaction t on t.id = p.transaction_id
join ledger.account o on o.id = p.other_account
order by p.xid desc, p.transaction_id desc, p.n desc
"""
"""Parameters: account id, the position to go on from (three values), how many lines."""

ACCOUNT = "select id from ledger.account where organization_id = $1 and code = $2 and currency = $3"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended; the next one goes on with what is older."""

    xid: int
    transaction_id: UUID
    n: int

    @classmethod
    def newest(cls) -> Self:
        """Before the first page."""
        return cls(2**63 - 1, UUID(int=2**128 - 1), 2**15 - 1)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One side of an entry.

    `amount` is positive when it moves the account towards its normal side. Layer `held` is pending; a line that
    `releases` takes a pending one back.
    """

    transaction_id: UUID
    side: str
    layer: str
    releases: bool
    amount: Money
    other_account: str
    key: str
    kind: str
    description: str
    effective_date: date
    recorded_at: datetime
    position: Position


def read_line(row: Any, currency: str) -> StatementLine:
    """A row of `STATEMENT`."""
    return StatementLine(
        transaction_id=row["transaction_id"],
        side=row["side"],
        layer=row["layer"],
        releases=row["releases"],
        amount=Money(row["amount"], currency),
        other_account=row["other"],
        key=row["key"],
        kind=row["kind"],
        description=row["description"],
        effective_date=row["effective_date"],
        recorded_at=row["recorded_at"],
        position=Position(row["xid"], row["transaction_id"], row["n"]),
    )
