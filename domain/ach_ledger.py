"""Which ledger lines each step of an ACH entry moves (docs/flows/ach.md, "Ledger accounts").

`row` is the entry's: `organization_id`, `direction`, `amount` in minor units and, for a return, `settled_at`.
"""

from collections.abc import Mapping
from typing import Any

from domain.ledger_accounts import epx_in_transit, epx_settlement_bank, organization_cash, organization_uncleared
from domain.money_call import LedgerLine

Row = Mapping[Any, Any]


def submission_lines(row: Row) -> tuple[LedgerLine, ...]:
    """Held while the call is open, posted when the gateway took the entry. A credit must be covered by cash."""
    if row["direction"] == "debit":
        return (LedgerLine(epx_in_transit(), organization_uncleared(row["organization_id"]), row["amount"]),)
    return (LedgerLine(organization_cash(row["organization_id"]), epx_in_transit(), row["amount"]),)


def void_lines(row: Row) -> tuple[LedgerLine, ...]:
    """A void takes an entry's submission back; `row` is the void's or the entry's (they have the same amount)."""
    return tuple(LedgerLine(line.credit, line.debit, line.amount) for line in submission_lines(row))


def settlement_lines(row: Row) -> tuple[LedgerLine, ...]:
    """The settlement bank gives or takes the money; a settled debit may be spent."""
    organization, amount = row["organization_id"], row["amount"]
    if row["direction"] == "debit":
        return (
            LedgerLine(epx_settlement_bank(), epx_in_transit(), amount),
            LedgerLine(organization_uncleared(organization), organization_cash(organization), amount),
        )
    return (LedgerLine(epx_in_transit(), epx_settlement_bank(), amount),)


def return_lines(row: Row) -> tuple[LedgerLine, ...]:
    """What the entry's earlier steps moved, moved back; how far it had come shows in `settled_at`."""
    organization, amount = row["organization_id"], row["amount"]
    if row["settled_at"] is None:
        return void_lines(row)
    if row["direction"] == "debit":
        return (LedgerLine(organization_cash(organization), epx_settlement_bank(), amount),)
    return (LedgerLine(epx_settlement_bank(), organization_cash(organization), amount),)
