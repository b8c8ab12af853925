"""The flow `reimbursement`: book transfers fund one payout, its method pays it, inverse book transfers undo it."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow
from db.flows.reimbursement_calls import book_call, ordinal_of, payout_call, stop_call
from db.flows.reimbursement_commands import COMMANDS, stop_due
from db.flows.reimbursement_help import ask_for_help
from db.flows.reimbursement_outcome import apply_outcome
from db.flows.reimbursement_row import read_row
from db.queries import money_call as money_calls
from db.queries import payee as payees
from db.queries import payout as payouts
from db.queries.report import FLOW
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.calendar import add_banking_days, instant_at, new_york_date
from domain.column_transfer import BankAccounts
from domain.errors import BursarError, StateConflict
from domain.ids import public_id
from domain.money import Money
from domain.money_call import MoneyCall, NewMoneyCall, Outcome, Posting
from domain.payout import PayoutState
from domain.payout_method import METHODS
from domain.reimbursement_step import REVERSALS, StepKind, parse_step

END_OF_DAY = time(17)
"""New York: when a task of a person is due on its day."""


class ReimbursementSteps:
    """What a reimbursement records, and what rails' answers do to it. Its row is the report's (reimbursement_row)."""

    flow = FLOW
    commands: frozenset[str] = frozenset(COMMANDS)

    def __init__(self, accounts: BankAccounts, *, by_hand_banking_days: int) -> None:
        """`by_hand_banking_days` are given to whoever hands over a payout by hand."""
        self.accounts = accounts
        self._by_hand_banking_days = by_hand_banking_days

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
        if kind is StepKind.STOP:
            return await self._stop(uow, row, step)
        due = PayoutState.REVERSING if kind in REVERSALS else PayoutState.FUNDING
        if kind is StepKind.PAYOUT:
            due = PayoutState.SENDING
        holding = row["holding"]
        if holding is None or holding["state"] != due:
            raise StateConflict("payout_not_open", f"The payout is not {due}: {kind.replace('_', ' ')} is not due.")
        if kind is not StepKind.PAYOUT:
            return book_call(self.accounts, row, step)
        method = await payees.get_method(uow, holding["method_id"])
        await payouts.add_attempt(uow, holding, method["kind"], **await self._task(uow, row, method["kind"]))
        return payout_call(uow, self.accounts, row, method)

    async def _task(self, uow: UnitOfWork, row: FlowRow, kind: str) -> dict[str, Any]:
        """Who hands the payout over, and until when, where a person does: the approver, until another takes it."""
        if not METHODS[kind].by_hand:
            return {}
        today = new_york_date(await uow.business_now())
        due = instant_at(add_banking_days(today, self._by_hand_banking_days), END_OF_DAY)
        return {"owner_id": row["approved_by"], "due_at": due}

    async def _stop(self, uow: UnitOfWork, row: FlowRow, step: str) -> NewMoneyCall:
        if await stop_due(uow, row) != step:
            raise StateConflict("payout_not_open", "Nothing of this payout is to be stopped.")
        attempt = row["attempt"]
        handed_over = await money_calls.of_step(uow, self.flow, row["id"], StepKind.PAYOUT, attempt["ordinal"])
        operation = METHODS[attempt["kind"]].stop_operation
        if handed_over is None or handed_over.rail_id is None or operation is None or handed_over.returned_at:
            raise StateConflict("payout_not_open", "Nothing of this payout can be stopped.")
        return stop_call(row, operation, handed_over.rail_id)

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
        await ask_for_help(
            uow,
            row,
            f"{kind}_not_recorded",
            state=holding["state"] if kind in REVERSALS else PayoutState.ACTION_REQUIRED,
            code=refusal.code,
            message=refusal.message,
            must_act="operator",
        )

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """`retry`, `cancel`, `reverse`, `method_changed` or `stop`."""
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
