"""A wire that the bank executed and sent back: one operator tells of the line that brought the money, another confirms.

Until it is confirmed nothing moves: money that comes back by mistake would be paid twice.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowRow, FlowSteps
from db.flows.reimbursement_events import BankWord, hear
from db.queries import money_call as calls
from db.queries import payout as payouts
from db.queries import report as reports
from db.queries import wire_return as queries
from db.unit_of_work import UnitOfWork
from domain.errors import EvidenceMismatch, InvalidInput, NotFound, PermissionDenied, StateConflict
from domain.payout_method import METHODS
from domain.payout_method.base import MustAct
from domain.principal import Principal
from domain.reimbursement_step import StepKind
from services.money_call import SCOPE, refuse_payee


@dataclass(frozen=True, slots=True)
class ToldReturn:
    """The return as it was told, and of which attempt."""

    report_id: UUID
    attempt: int
    row: RowMapping


async def propose(
    uow: UnitOfWork,
    flow: FlowSteps,
    asker: Principal,
    report_id: UUID,
    *,
    bank_reference: str,
    returned_on: date,
    reason: str,
    who_must_act: MustAct,
    fee: int = 0,
) -> ToldReturn:
    """Tell of the line of the bank's statement; it may be told anew until another operator confirms it.

    `fee`: what the bank kept of the amount, minor units; the payout is owed all of it.
    """
    row, attempt = await _paid_wire(uow, flow, asker, report_id)
    if returned_on > (await uow.business_now()).date():
        raise InvalidInput("returned_on", "The money cannot have come in the future.")
    if fee >= row["holding"]["amount"]:
        raise InvalidInput("fee", "The bank cannot have kept all of it: then nothing came back.")
    if await queries.line_is_booked(uow, attempt["id"], bank_reference):
        raise StateConflict("bank_reference_used", "This line of the bank's statement is booked already.")
    told = {
        "bank_reference": bank_reference,
        "returned_on": returned_on,
        "fee": fee,
        "reason": reason,
        "must_act": who_must_act,
        "proposed_by": asker.operator_id,
    }
    seen = hashlib.sha256(json.dumps([str(attempt["id"]), *map(str, told.values())]).encode()).digest()
    await queries.propose(uow, report_id, attempt["id"], {**told, "proposal_hash": seen})
    shown = {"attempt": attempt["ordinal"], "bank_reference": bank_reference}
    await uow.audit("payout.wire_return_proposed", reports.FLOW, row["id"], shown)
    return await _read(uow, report_id, attempt)


async def read(uow: UnitOfWork, flow: FlowSteps, report_id: UUID) -> ToldReturn:
    """What was told of the present attempt, for whoever is to confirm it. Raises NotFound where nothing was."""
    attempt = (await flow.read(uow, report_id))["attempt"]
    if attempt is None:
        raise NotFound("wire return")
    return await _read(uow, report_id, attempt)


async def confirm(uow: UnitOfWork, flow: FlowSteps, asker: Principal, report_id: UUID, seen: bytes) -> ToldReturn:
    """Confirm exactly what was told, as another operator: the money is ours again and owed to the payout."""
    row, attempt = await _paid_wire(uow, flow, asker, report_id)
    told = await queries.of_attempt(uow, attempt["id"])
    if told is None:
        raise StateConflict("nothing_proposed", "Nobody has told that this wire came back.")
    if told["proposed_by"] == asker.operator_id:
        raise PermissionDenied("Another operator must confirm what you proposed.", code="same_operator")
    if told["proposal_hash"] != seen:
        raise EvidenceMismatch("The proposal was changed since you read it: read it again.")
    found = await calls.of_step(uow, flow.flow, report_id, StepKind.PAYOUT, attempt["ordinal"])
    call = None if found is None else await calls.get(uow, found.id, lock=True)
    if call is None:
        raise NotFound("money call")
    await queries.confirm(uow, told, asker.operator_id)
    word = BankWord("returned", None, told["reason"], "returned", must_act=told["must_act"], kept=told["fee"])
    await hear(uow, row, call, word)
    await uow.wake_workflow(flow.run(await flow.read(uow, report_id)))
    return await _read(uow, report_id, attempt)


async def _paid_wire(uow: UnitOfWork, flow: FlowSteps, asker: Principal, report_id: UUID) -> tuple[FlowRow, RowMapping]:
    """The locked report and its present attempt, a wire that two persons confirmed and that has not come back."""
    asker.require(SCOPE)
    row = await flow.lock(uow, report_id)
    await refuse_payee(uow, asker, row["payee"])
    attempt = row["attempt"]
    if attempt is None or not METHODS[attempt["kind"]].by_hand:
        raise NotFound("wire")
    call = await calls.of_step(uow, flow.flow, report_id, StepKind.PAYOUT, attempt["ordinal"])
    if attempt["paid_at"] is None or call is None or call.returned_at is not None:
        raise StateConflict("wire_not_paid", f"The payout is {row['holding']['state']}: no wire of it can come back.")
    return row, await payouts.attempt_of(uow, row["holding"]["id"], attempt["ordinal"])


async def _read(uow: UnitOfWork, report_id: UUID, attempt: RowMapping) -> ToldReturn:
    told = await queries.of_attempt(uow, attempt["id"])
    if told is None:
        raise NotFound("wire return")
    return ToldReturn(report_id, attempt["ordinal"], told)
