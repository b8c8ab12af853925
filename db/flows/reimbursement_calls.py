"""The money calls of a reimbursement: which request to Column each step is, and which ledger accounts it moves."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.queries import payee as payees
from db.unit_of_work import UnitOfWork
from domain import reimbursement_lines as lines
from domain.column_transfer import BankAccounts, book_transfer, stop_check
from domain.ids import public_id
from domain.money import Money
from domain.money_call import Hold, LedgerLine, NewMoneyCall
from domain.payout_method import METHODS
from domain.payout_method.base import PayoutOrder
from domain.reimbursement_step import REVERSALS, StepKind, parse_step, stop_step

RAIL = "column"
_PREFIXES = {StepKind.EXPENSE_PAYOUT: "rep", StepKind.PAYOUT_HOLDING: "rph", StepKind.PAYOUT: "rpp"}


def ordinal_of(row: FlowRow, step: str) -> int:
    """Which try of the step the report is at."""
    kind, payout_id = parse_step(step)
    if kind is StepKind.PAYOUT:
        return int(row["holding"]["attempt"])
    if kind is StepKind.STOP:
        return int(row["attempt"]["stops"])
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
    """What hands the payout over, as its method asks the method's rail."""
    holding = row["holding"]
    way = METHODS[method["kind"]]
    money = Money(holding["amount"], holding["currency"])
    reference = _reference(StepKind.PAYOUT, holding["id"], holding["attempt"], reversed_=False)
    order = PayoutOrder(money, reference, report_name=row["name"], payee_name=payees.person(uow, row["payee"]).name)
    moved = way.lines(holding["id"], money.minor_units)
    return NewMoneyCall(
        step=StepKind.PAYOUT,
        ordinal=holding["attempt"],
        rail=way.rail,
        operation=way.operation,
        rail_reference=reference,
        money=money,
        request=way.request(accounts, order, payees.details(uow, method)),
        hold=_hold(StepKind.PAYOUT, moved, holding["id"], StepKind.PAYOUT),
    )


def stop_call(row: FlowRow, operation: str, check_id: str) -> NewMoneyCall:
    """Ask the bank to stop what the present attempt handed over: no money moves by that."""
    holding, attempt = row["holding"], row["attempt"]
    reference = _reference(StepKind.PAYOUT, holding["id"], attempt["ordinal"], reversed_=False)
    return NewMoneyCall(
        step=stop_step(attempt["ordinal"]),
        ordinal=attempt["stops"],
        rail=METHODS[attempt["kind"]].rail,
        operation=operation,
        rail_reference=f"{reference}-stop-{attempt['stops']}",
        money=Money(0, holding["currency"]),
        request=stop_check(check_id, attempt["stop_reason"]),
    )


def _reference(kind: StepKind, subject: UUID, ordinal: int, *, reversed_: bool) -> str:
    """The idempotency key: of this try of this step and of no other."""
    return f"{public_id(_PREFIXES[kind], subject)}-{'reversed-' if reversed_ else ''}{ordinal}"


def _hold(kind: StepKind, moved: tuple[LedgerLine, ...], subject: UUID, original: StepKind) -> Hold:
    return Hold(kind.value, moved, f"{kind.replace('_', ' ')} {public_id(_PREFIXES[original], subject)}")
