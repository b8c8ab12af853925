"""What the rail's word on an attempt does, whenever it comes: paid, came back, or how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from db.flows.base import FlowRow
from db.flows.reimbursement_help import UNSTUCK, ask_for_help
from db.queries import case_file
from db.queries import payout as payouts
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.money_call import MoneyCall
from domain.payout import PayoutState
from domain.payout_method import METHODS
from domain.payout_method.base import MustAct, PayoutMethod
from domain.reimbursement_lines import kept_by_bank
from domain.report import ReportEvent, ReportState, advance

Meaning = Literal["settled", "returned", "canceled", "stopped", "rejected", "undeliverable", "under_way"]
UNSETTLED = "payout_unsettled"
"""The case of an attempt of which its rail has said nothing final for too long."""
_WAITS = frozenset({PayoutState.SENT, PayoutState.ACTION_REQUIRED})


@dataclass(frozen=True, slots=True)
class BankWord:
    """What a rail says became of an attempt.

    `undeliverable`: it cannot reach the payee and is not ended. `under_way`: nothing follows but that it shows. `code`
    is the rail's own (an ACH return code, an item's error); `stage` its own word for how far the attempt is.
    `must_act` is given where persons say it, and else follows from these. `kept`: what the bank kept of what came back.
    `fee`: what the rail has taken for the attempt, beside it, by now; None where it does not say.
    """

    meaning: Meaning
    code: str | None
    reason: str | None
    stage: str | None = None
    must_act: MustAct | None = None
    kept: int = 0
    fee: int | None = None


async def hear(uow: UnitOfWork, row: FlowRow, call: MoneyCall, word: BankWord) -> str:
    """Apply it to the attempt's call, which is applied; returns what followed. A repeat has no effect."""
    holding = row["holding"]
    attempt = await payouts.attempt_of(uow, holding["id"], call.ordinal)
    method = METHODS[attempt["kind"]]
    if call.returned_at is not None:
        return await _heard_after_its_end(uow, row, attempt, call, word)
    if word.stage is not None and word.stage != attempt["stage"]:
        await payouts.change_attempt(uow, row["id"], attempt, "stage", stage=word.stage)
    if word.fee is not None and word.fee != attempt["fee"]:
        await _charged(uow, row, method, attempt, word.stage, word.fee)
    if attempt["late_at"] is not None and word.meaning not in ("under_way", "undeliverable"):
        await case_file.answer(uow, UNSETTLED, reports.FLOW, row["id"], "the bank has said it")
    if word.meaning == "settled":
        return await paid(uow, row, method, attempt, call)
    if word.meaning == "undeliverable":
        return await _undeliverable(uow, row, word)
    if word.meaning == "under_way":
        return "noted"
    await came_back(uow, row, method, attempt, call, word)
    return "the money came back"


async def paid(uow: UnitOfWork, row: FlowRow, method: PayoutMethod, attempt: Mapping[Any, Any], call: MoneyCall) -> str:
    """The payee has the money: what is only now debited is booked."""
    holding = row["holding"]
    # an earlier attempt that is not ended badly would be the present one
    if attempt["paid_at"] is not None or holding["attempt"] != call.ordinal or holding["state"] not in _WAITS:
        return "nothing follows"
    now = await uow.business_now()
    await payouts.change_attempt(uow, row["id"], attempt, "paid", paid_at=now)
    await payouts.change_holding(uow, holding, "settled", state=PayoutState.SETTLED, settled_at=now, **UNSTUCK)
    state = advance(row["state"], ReportEvent.SETTLE)
    await reports.change(uow, row["id"], "reimbursed", state=state, reimbursed_at=now)
    lines = method.paid_lines(holding["amount"])
    if lines:
        await uow.ledger.post(
            f"{reports.FLOW}/{row['id']}/paid/{call.ordinal}",
            "payout_paid",
            holding["currency"],
            lines,
            now.date(),
            description=call.rail_reference,
            fact=True,
        )
    return "the payee has the money"


async def _charged(
    uow: UnitOfWork, row: FlowRow, method: PayoutMethod, attempt: Mapping[Any, Any], stage: str | None, fee: int
) -> None:
    """The house pays the fee: the payee has, or is owed, the whole amount."""
    lines = method.fee_lines(fee - attempt["fee"])
    if not lines:
        return
    await payouts.change_attempt(uow, row["id"], attempt, "charged", fee=fee)
    await uow.ledger.post(
        f"{reports.FLOW}/{row['id']}/fee/{attempt['ordinal']}/{stage}/{fee}",
        "payout_fee",
        row["holding"]["currency"],
        lines,
        (await uow.business_now()).date(),
        description=f"fee of {method.kind}, attempt {attempt['ordinal']}",
        fact=True,
    )


async def came_back(
    uow: UnitOfWork,
    row: FlowRow,
    method: PayoutMethod,
    attempt: Mapping[Any, Any],
    call: MoneyCall,
    word: BankWord,
) -> None:
    """The money is ours again and owed to the payout; the payee or an operator must act."""
    holding = row["holding"]
    now = await uow.business_now()
    code = word.code or word.meaning
    reason = word.reason or f"The bank says that it was {word.meaning}."
    # what the post gave back has been stopped: another address mends it
    known = holding["code"] if word.meaning == "stopped" and holding["state"] == PayoutState.ACTION_REQUIRED else None
    must_act: MustAct = word.must_act or method.who_acts(word.meaning, known or word.code)
    await ask_for_help(
        uow,
        row,
        "returned",
        state=PayoutState.RETURNED,
        returned_at=now,
        settled_at=None,
        code=code,
        message=reason,
        must_act=must_act,
        reason=holding["message"] if known else f"{reason} ({word.code})" if word.code else reason,
    )
    await payouts.change_attempt(uow, row["id"], attempt, "returned", returned_code=code, returned_reason=reason)
    if row["state"] == ReportState.REIMBURSED:
        state = advance(row["state"], ReportEvent.COME_BACK)
        await reports.change(uow, row["id"], "not_reimbursed_after_all", state=state, reimbursed_at=None)
    await uow.money_calls.returned(call.id)
    await uow.ledger.post(
        f"{reports.FLOW}/{row['id']}/return/{call.ordinal}",
        "payout_returned",
        holding["currency"],
        (
            *method.return_lines(holding["id"], holding["amount"], paid=attempt["paid_at"] is not None),
            *kept_by_bank(word.kept),
        ),
        now.date(),
        description=f"{code} {call.rail_reference}",
        fact=True,
    )


async def _undeliverable(uow: UnitOfWork, row: FlowRow, word: BankWord) -> str:
    """It is not ended: whoever has it may still be paid. We must stop it before anything else is tried."""
    if row["holding"]["state"] != PayoutState.SENT:
        return "nothing follows"
    await ask_for_help(
        uow,
        row,
        "undeliverable",
        state=PayoutState.ACTION_REQUIRED,
        code=word.code or word.meaning,
        message=word.reason or "It cannot be delivered.",
        must_act="operator",
    )
    return "it cannot be delivered: it must be stopped"


async def _heard_after_its_end(
    uow: UnitOfWork, row: FlowRow, attempt: Mapping[Any, Any], call: MoneyCall, word: BankWord
) -> str:
    """Nothing follows, unless the bank paid what it said was stopped: then the payee may be paid twice."""
    ended_unpaid = attempt["stage"] in ("stopped", "rejected") and attempt["paid_at"] is None
    if word.meaning != "settled" or not ended_unpaid:
        return "the return is booked already"
    evidence = {"money_call_id": call.id, "said_before": attempt["stage"], "says_now": word.stage or word.meaning}
    summary = "The bank paid a payout that it had said was not paid"
    await uow.open_case("contradiction", reports.FLOW, row["id"], summary, evidence)
    return "contradicts what was said before: a case is open"
