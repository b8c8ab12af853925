"""Which ledger accounts each step of a reimbursement moves (docs/flows/reimbursements.md shows the same as a table).

Bank accounts are assets (debit to bring money in); the organization's cash, a payout's funding and its clearing are
liabilities (debit to move money out). A payout is named by its holding.
"""

from uuid import UUID

from domain.ledger_accounts import organization_cash
from domain.money_call import LedgerLine

FS_MAIN = "external:bank:fs_main"
FS_OPERATING = "external:bank:fs_operating"
OUTSTANDING_CHECKS = "external:bank:outstanding_checks"
"""Checks that are out and that nobody has cashed, as a negative asset beside FS Main, where their money still is."""
PAYPAL = "external:bank:paypal"
"""Our balance at PayPal."""

BANK_FEES = "expense:bank_fees"
"""What banks kept of money that they sent back, and what a rail charges for a payout. The payee is owed the whole
amount: it is the house's expense."""


def clearing(holding_id: UUID) -> str:
    """What the clearinghouse owes to one payout: zero, or the unpaid holding."""
    return f"clearing:reimbursements:{holding_id.hex}"


def funding(holding_id: UUID) -> str:
    """What the organization brings to one payout; zero once its holding is booked."""
    return f"clearing:reimbursements:{holding_id.hex}:funding"


def deposit(organization_id: UUID, amount: int) -> tuple[LedgerLine, ...]:
    """Money that the organization put into FS Main."""
    return (LedgerLine(FS_MAIN, organization_cash(organization_id), amount),)


def paypal_top_up(amount: int) -> tuple[LedgerLine, ...]:
    """Money that we moved from FS Main to our PayPal balance."""
    return (LedgerLine(PAYPAL, FS_MAIN, amount),)


def reservation(organization_id: UUID, holding_id: UUID, amount: int) -> tuple[LedgerLine, ...]:
    """An approved report's money, kept from being spent twice."""
    return (LedgerLine(organization_cash(organization_id), funding(holding_id), amount),)


def expense_payout(organization_id: UUID, holding_id: UUID, amount: int) -> tuple[LedgerLine, ...]:
    """Out of the organization, FS Main to FS Operating."""
    return (
        LedgerLine(organization_cash(organization_id), funding(holding_id), amount),
        LedgerLine(FS_OPERATING, FS_MAIN, amount),
    )


def payout_holding(holding_id: UUID, amount: int) -> tuple[LedgerLine, ...]:
    """Into the clearinghouse, FS Operating back to FS Main."""
    return (LedgerLine(funding(holding_id), clearing(holding_id), amount), LedgerLine(FS_MAIN, FS_OPERATING, amount))


def payout(holding_id: UUID, amount: int) -> tuple[LedgerLine, ...]:
    """To the payee: the bank debits FS Main when the transfer is initiated."""
    return (LedgerLine(clearing(holding_id), FS_MAIN, amount),)


def kept_by_bank(amount: int) -> tuple[LedgerLine, ...]:
    """What the bank kept when it sent a payout back: less came into FS Main than left it."""
    return (LedgerLine(BANK_FEES, FS_MAIN, amount),) if amount else ()


def charged(amount: int, balance: str) -> tuple[LedgerLine, ...]:
    """What a rail takes for a payout out of our `balance` there, beside the payout; less than nothing: gives back."""
    lines = (LedgerLine(BANK_FEES, balance, abs(amount)),)
    return lines if amount > 0 else inverse(lines)


def inverse(lines: tuple[LedgerLine, ...]) -> tuple[LedgerLine, ...]:
    """The same movement the other way: a return, or a reversal."""
    return tuple(LedgerLine(line.credit, line.debit, line.amount) for line in lines)
