"""What an outcome of a reimbursement's money call does to its rows."""

from db.flows.base import FlowRow
from db.flows.reimbursement_events import BankWord, hear, paid
from db.flows.reimbursement_help import UNSTUCK, ask_for_help
from db.flows.reimbursement_row import funding_steps, read_row
from db.queries import case_file
from db.queries import money_call as money_calls
from db.queries import payout as payouts
from db.queries.payout_debits import BY_HAND
from db.queries.payout_watch import IN_DOUBT, WIRE_OVERDUE
from db.queries.report import FLOW
from db.unit_of_work import UnitOfWork
from domain.money_call import MoneyCall, Outcome
from domain.payout import FundingState, PayoutState
from domain.payout_method import METHODS
from domain.payout_method.base import MustAct
from domain.reimbursement_step import REVERSALS, StepKind, parse_step, stopped_attempt


async def apply_outcome(uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> None:
    """Move the step's own row on; the payout follows when all of its funding is booked."""
    kind, payout_id = parse_step(call.step)
    holding = row["holding"]
    await case_file.answer(uow, IN_DOUBT, FLOW, row["id"], "it is known what became of it")
    if call.rail == BY_HAND:
        await case_file.answer(uow, WIRE_OVERDUE, FLOW, row["id"], f"the task ended: {outcome.state}")
    if kind is StepKind.STOP:
        await _stopped(uow, row, call, outcome)
        return
    if outcome.state == "refused":
        await _refused(uow, row, kind, outcome)
        return
    if kind is StepKind.PAYOUT:
        await _sent(uow, row, call)
        return
    after = FundingState.REVERSED if kind in REVERSALS else FundingState.SETTLED
    if payout_id is None:
        await payouts.change_holding(uow, holding, f"holding_{after}", funding=after)
    else:
        await payouts.change_expense_payout(uow, row["expense_payouts"][payout_id], after.value, state=after)
    last = after is FundingState.SETTLED and funding_steps(row, FundingState.PENDING) == [call.step]
    if last and holding["state"] == PayoutState.FUNDING:
        await payouts.change_holding(uow, holding, "funded", state=PayoutState.SENDING)


async def _sent(uow: UnitOfWork, row: FlowRow, call: MoneyCall) -> None:
    """The rail took it. What two persons saw at the bank is the bank's word: that is paid at once."""
    now = await uow.business_now()
    await payouts.change_holding(uow, row["holding"], "sent", state=PayoutState.SENT, sent_at=now, **UNSTUCK)
    attempt = await payouts.attempt_of(uow, row["holding"]["id"], call.ordinal)
    method = METHODS[attempt["kind"]]
    if method.by_hand:
        await paid(uow, await read_row(uow, row["id"], lock=False), method, attempt, call)


async def _refused(uow: UnitOfWork, row: FlowRow, kind: StepKind, outcome: Outcome) -> None:
    """Somebody must act; the payee hears of it only when it is for the payee to act.

    A step towards the payee that is refused while the payout is being undone needs nobody: it did not happen.
    """
    holding = row["holding"]
    if holding["state"] == PayoutState.REVERSING and kind not in REVERSALS:
        return
    must_act: MustAct = outcome.must_act if kind is StepKind.PAYOUT else "operator"
    # a payout that is being wound up stays so: what is missing there shows beside its state
    state = holding["state"] if holding["state"] == PayoutState.REVERSING else PayoutState.ACTION_REQUIRED
    await ask_for_help(
        uow, row, f"{kind}_refused", state=state, code=outcome.code, message=outcome.message, must_act=must_act
    )


async def _stopped(uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> None:
    """The attempt is ended, as the bank says; where it could not be stopped, that shows and nothing else changes."""
    if outcome.state == "refused":
        shown = {"code": outcome.code, "message": outcome.message}
        await payouts.change_holding(uow, row["holding"], "stop_refused", **shown)
        return
    attempt = stopped_attempt(call.step)
    handed_over = await money_calls.of_step(uow, FLOW, row["id"], StepKind.PAYOUT, attempt)
    if handed_over is not None:
        await hear(uow, row, handed_over, BankWord("stopped", None, "The check was stopped.", "stopped"))
