"""The flow `reimbursement`: book transfers fund one payout, an ACH credit pays it, inverse book transfers undo it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.flows.reimbursement_calls import book_call, ordinal_of, payout_call
from db.flows.reimbursement_commands import COMMANDS
from db.flows.reimbursement_outcome import apply_outcome
from db.flows.reimbursement_row import read_row
from db.queries import payee as payees
from db.queries import payout as payouts
from db.queries.report import FLOW
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.column_transfer import BankAccounts
from domain.errors import BursarError, StateConflict
from domain.ids import public_id
from domain.money import Money
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting
from domain.payout import PayoutState
from domain.reimbursement_step import REVERSALS, StepKind, parse_step


class ReimbursementSteps:
    """What a reimbursement records, and what Column's answers do to it. Its row is the report's (reimbursement_row)."""

    flow = FLOW
    commands: frozenset[str] = frozenset(COMMANDS)

    def __init__(self, accounts: BankAccounts) -> None:
        self.accounts = accounts

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The report, locked, with what belongs to it."""
        return await read_row(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The report with what belongs to it."""
        return await read_row(uow, flow_id, lock=False)

    def ordinal(self, row: FlowRow, step: str) -> int:
        """Each book transfer counts by itself; the payout's ordinal is the attempt."""
        return ordinal_of(row, step)

    async def plan(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        """The step's request, refused unless the payout is at this step."""
        kind, _ = parse_step(step)
        due = PayoutState.REVERSING if kind in REVERSALS else PayoutState.FUNDING
        if kind is StepKind.PAYOUT:
            due = PayoutState.SENDING
        holding = row["holding"]
        if holding is None or holding["state"] != due:
            raise StateConflict("payout_not_open", f"The payout is not {due}: {kind.replace('_', ' ')} is not due.")
        if kind is not StepKind.PAYOUT:
            return book_call(self.accounts, row, step)
        method = await payees.get_method(uow, holding["method_id"])
        await payouts.add_attempt(uow, holding, method["kind"])
        return payout_call(uow, self.accounts, row, method)

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """Move the rows on; all postings of this flow are its calls' own holds."""
        await apply_outcome(uow, row, call, outcome)
        return ()

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Nothing was sent for this step: an operator must act. A step that is not due any more needs nobody."""
        kind, _ = parse_step(step)
        holding = row["holding"]
        if holding is None or refusal.code == "payout_not_open":
            return
        await payouts.change_holding(
            uow,
            holding,
            f"{kind}_not_recorded",
            state=holding["state"] if kind in REVERSALS else PayoutState.ACTION_REQUIRED,
            code=refusal.code,
            message=refusal.message,
            must_act="operator",
        )

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`retry`, `cancel`, `reverse` or `method_changed`."""
        await COMMANDS[name](uow, row, arguments)

    def run(self, row: FlowRow) -> WorkflowRun:
        """`reimbursement/<report id>`, and what comes after it has ended under one further id."""
        organization = row["organization_id"]
        shown = public_id("rmr", row["id"])
        holding = row["holding"]
        return WorkflowRun(
            workflow=FLOW,
            workflow_id=f"{FLOW}/{row['id']}",
            # one id for all later runs: two of them never run at the same time
            restart_id=f"{FLOW}/{row['id']}/again",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": FLOW,
                "Subject": shown,
                "Payee": public_id("payee", row["payee_id"]),
                "State": row["state"] if holding is None else holding["state"],
            },
            summary="Reimbursement" if holding is None else f"Reimbursement of {_amount(holding)}",
            path=f"/v1/reports/{shown}",
        )


def _amount(holding: Mapping[str, Any]) -> Money:
    return Money(holding["amount"], holding["currency"])
