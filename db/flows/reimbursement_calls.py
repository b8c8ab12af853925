"""The money calls of a reimbursement: which request to Column each step is, and which ledger accounts it moves."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.queries import payee as payees
from db.unit_of_work import UnitOfWork
from domain import reimbursement_lines as lines
from domain.column_transfer import BankAccounts, ach_credit, book_transfer
from domain.ids import public_id
from domain.money import Money
from domain.money_call import Hold, LedgerLine, NewMoneyCall
from domain.reimbursement_step import REVERSALS, StepKind, parse_step

RAIL = "column"
_PREFIXES = {StepKind.EXPENSE_PAYOUT: "rep", StepKind.PAYOUT_HOLDING: "rph", StepKind.PAYOUT: "rpp"}


def ordinal_of(row: FlowRow, step: str) -> int:
    """Which try of the step the report is at."""
    kind, payout_id = parse_step(step)
    if kind is StepKind.PAYOUT:
        return int(row["holding"]["attempt"])
    owner = row["holding"] if payout_id is None else row["expense_payouts"][payout_id]
    return int(owner["reverse_ordinal" if kind in REVERSALS else "ordinal"])


def book_call(accounts: BankAccounts, row: FlowRow, step: str) -> NewMoneyCall:
    """A book transfer: an expense payout goes FS Main to FS Operating, the holding back, reversals the other way."""
    kind, payout_id = parse_step(step)
    holding: Mapping[Any, Any] = row["holding"]
    reversal = kind in REVERSALS
    if payout_id is None:
        subject, amount = holding["id"], holding["amount"]
        moved = lines.payout_holding(holding["id"], amount)
        sender, receiver = accounts.fs_operating, accounts.fs_main
        original = StepKind.PAYOUT_HOLDING
    else:
        subject, amount = payout_id, -row["expense_payouts"][payout_id]["amount"]
        moved = lines.expense_payout(row["organization_id"], holding["id"], amount)
        sender, receiver = accounts.fs_main, accounts.fs_operating
        original = StepKind.EXPENSE_PAYOUT
    if reversal:
        moved, sender, receiver = lines.inverse(moved), receiver, sender
    money = Money(amount, holding["currency"])
    return NewMoneyCall(
        step=step,
        ordinal=ordinal_of(row, step),
        rail=RAIL,
        operation="book_transfer",
        rail_reference=_reference(original, subject, ordinal_of(row, step), reversed_=reversal),
        money=money,
        request=book_transfer(sender, receiver, money),
        hold=_hold(kind, moved, subject, original),
    )


def payout_call(uow: UnitOfWork, accounts: BankAccounts, row: FlowRow, method: Mapping[Any, Any]) -> NewMoneyCall:
    """The ACH credit to the payee's account: Column debits FS Main when it takes the transfer in."""
    holding = row["holding"]
    person = payees.person(uow, row["payee"])
    money = Money(holding["amount"], holding["currency"])
    return NewMoneyCall(
        step=StepKind.PAYOUT,
        ordinal=holding["attempt"],
        rail=RAIL,
        operation="ach_transfer",
        rail_reference=_reference(StepKind.PAYOUT, holding["id"], holding["attempt"], reversed_=False),
        money=money,
        request=ach_credit(accounts, money, name=person.name, **payees.details(uow, method)),
        hold=_hold(StepKind.PAYOUT, lines.payout(holding["id"], money.minor_units), holding["id"], StepKind.PAYOUT),
    )


def _reference(kind: StepKind, subject: UUID, ordinal: int, *, reversed_: bool) -> str:
    """The idempotency key: of this try of this step and of no other."""
    return f"{public_id(_PREFIXES[kind], subject)}-{'reversed-' if reversed_ else ''}{ordinal}"


def _hold(kind: StepKind, moved: tuple[LedgerLine, ...], subject: UUID, original: StepKind) -> Hold:
    return Hold(kind.value, moved, f"{kind.replace('_', ' ')} {public_id(_PREFIXES[original], subject)}")
