"""What an outcome of a reimbursement's money call does to its rows."""

from collections.abc import Mapping
from typing import Any, Literal

from db.flows.base import FlowRow
from db.flows.reimbursement_row import funding_steps
from db.queries import mail as mails
from db.queries import payee as payees
from db.queries import payout as payouts
from db.queries.report import FLOW
from db.unit_of_work import UnitOfWork
from domain.ids import public_id
from domain.money import Money
from domain.money_call import MoneyCall, Outcome
from domain.payout import FundingState, PayoutState
from domain.reimbursement_step import REVERSALS, StepKind, parse_step


async def apply_outcome(uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> None:
    """Move the step's own row on; the payout follows when all of its funding is booked."""
    kind, payout_id = parse_step(call.step)
    holding = row["holding"]
    if outcome.state == "refused":
        await _refused(uow, row, kind, outcome)
        return
    if kind is StepKind.PAYOUT:
        await payouts.change_holding(
            uow,
            holding,
            "sent",
            state=PayoutState.SENT,
            sent_at=await uow.business_now(),
            code=None,
            message=None,
            must_act=None,
        )
        return
    after = FundingState.REVERSED if kind in REVERSALS else FundingState.SETTLED
    if payout_id is None:
        await payouts.change_holding(uow, holding, f"holding_{after}", funding=after)
    else:
        await payouts.change_expense_payout(uow, row["expense_payouts"][payout_id], after.value, state=after)
    last = after is FundingState.SETTLED and funding_steps(row, FundingState.PENDING) == [call.step]
    if last and holding["state"] == PayoutState.FUNDING:
        await payouts.change_holding(uow, holding, "funded", state=PayoutState.SENDING)


async def _refused(uow: UnitOfWork, row: FlowRow, kind: StepKind, outcome: Outcome) -> None:
    """Somebody must act; the payee hears of it only when it is for the payee to act.

    A step towards the payee that is refused while the payout is being undone needs nobody: it did not happen.
    """
    holding = row["holding"]
    if holding["state"] == PayoutState.REVERSING and kind not in REVERSALS:
        return
    must_act: Literal["payee", "operator"] = (
        "payee" if kind is StepKind.PAYOUT and outcome.must_act == "payee" else "operator"
    )
    # a payout that is being wound up stays so: what is missing there shows beside its state
    state = holding["state"] if holding["state"] == PayoutState.REVERSING else PayoutState.ACTION_REQUIRED
    await payouts.change_holding(
        uow, holding, f"{kind}_refused", state=state, code=outcome.code, message=outcome.message, must_act=must_act
    )
    if must_act == "payee":
        await ask_payee(uow, row, outcome.message)


async def ask_payee(uow: UnitOfWork, row: FlowRow, reason: str) -> None:
    """Have the payee told, by the true reason, that other bank details are needed; one mail per attempt."""
    holding: Mapping[Any, Any] = row["holding"]
    person = payees.person(uow, row["payee"])
    method = await payees.get_method(uow, holding["method_id"])
    await mails.write(
        uow,
        "payout_failed",
        f"payout-failed/{holding['id']}/{holding['attempt']}",
        FLOW,
        row["id"],
        recipient=person.email,
        values={
            "name": person.name,
            "report_name": row["name"],
            "report_id": public_id("rmr", row["id"]),
            "amount": str(Money(holding["amount"], holding["currency"])),
            "last_four": method["last_four"],
            "reason": reason,
        },
    )
