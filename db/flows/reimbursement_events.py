"""What the bank's word on a payout's transfer does, whenever it comes: settled, returned, or canceled."""

from dataclasses import dataclass
from typing import Literal

from db.flows.base import FlowRow
from db.flows.reimbursement_outcome import ask_payee
from db.queries import payout as payouts
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.money_call import MoneyCall
from domain.payout import PayoutState, who_acts_on_return
from domain.reimbursement_lines import inverse, payout
from domain.report import ReportEvent, ReportState, advance


@dataclass(frozen=True, slots=True)
class BankWord:
    """What the bank says became of a transfer. `code` is an ACH return code where the receiving bank gave one."""

    meaning: Literal["settled", "returned", "canceled"]
    code: str | None
    reason: str | None


async def hear(uow: UnitOfWork, row: FlowRow, call: MoneyCall, word: BankWord) -> str:
    """Apply it to the attempt's call, which is applied; returns what followed. A repeat has no effect."""
    holding = row["holding"]
    present = holding["attempt"] == call.ordinal
    if word.meaning == "settled":
        if call.returned_at is not None or not present or holding["state"] != PayoutState.SENT:
            return "nothing follows"
        now = await uow.business_now()
        await payouts.change_holding(uow, holding, "settled", state=PayoutState.SETTLED, settled_at=now)
        state = advance(row["state"], ReportEvent.SETTLE)
        await reports.change(uow, row["id"], "reimbursed", state=state, reimbursed_at=now)
        return "the payee has the money"
    if call.returned_at is not None:
        return "the return is booked already"
    await _came_back(uow, row, call, word)
    return "the money came back"


async def _came_back(uow: UnitOfWork, row: FlowRow, call: MoneyCall, word: BankWord) -> None:
    """The money is in FS Main again and owed to the payout; the payee or an operator must act."""
    holding = row["holding"]
    now = await uow.business_now()
    code = word.code or word.meaning
    reason = word.reason or f"The bank {word.meaning} the transfer."
    must_act = who_acts_on_return(word.code) if word.meaning == "returned" else "operator"
    await payouts.change_holding(
        uow,
        holding,
        "returned",
        state=PayoutState.RETURNED,
        returned_at=now,
        settled_at=None,
        code=code,
        message=reason,
        must_act=must_act,
    )
    if row["state"] == ReportState.REIMBURSED:
        state = advance(row["state"], ReportEvent.COME_BACK)
        await reports.change(uow, row["id"], "not_reimbursed_after_all", state=state, reimbursed_at=None)
    if must_act == "payee":
        await ask_payee(uow, row, f"{reason} ({word.code})" if word.code else reason)
    await uow.money_calls.returned(call.id)
    await uow.ledger.post(
        f"{reports.FLOW}/{row['id']}/return/{call.ordinal}",
        "payout_returned",
        holding["currency"],
        inverse(payout(holding["id"], holding["amount"])),
        now.date(),
        description=f"{code} {call.rail_reference}",
        fact=True,
    )
