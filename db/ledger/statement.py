"""An account's statement: its lines, newest first, page by page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from domain.money import Money

STATEMENT = "select * from ledger.statement($1, $2, $3, $4, $5, $6, $7)"
"""Parameters: organization, code, currency, the position to go on from (three values), how many lines."""


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
