"""A payout that a person sends at the bank: its owner reads the order, says what the bank did, another confirms."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowSteps
from db.queries import money_call as calls
from db.queries import operator as operators
from db.queries import payee as payees
from db.queries import payout as payouts
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, NotFound, PermissionDenied
from domain.money_call import OPEN_STATES, MoneyCall
from domain.payout_method import METHODS
from domain.payout_method.base import MustAct
from domain.principal import Principal
from domain.reimbursement_step import StepKind
from services import money_call as resolution


@dataclass(frozen=True, slots=True)
class WireTask:
    """The task as it stands. `order` is what is typed into the bank's page: it names the payee's account."""

    report_id: UUID
    attempt: RowMapping
    call: RowMapping
    order: dict[str, Any] = field(repr=False)

    @property
    def due_at(self) -> datetime:
        """Until when it is to be sent."""
        due: datetime = self.attempt["due_at"]
        return due


async def read(uow: UnitOfWork, flow: FlowSteps, report_id: UUID) -> WireTask:
    """The open task with its order; reading it is audited. Raises NotFound where there is none that is open."""
    task = await read_task(uow, flow, report_id)
    if task.call["state"] not in OPEN_STATES:
        raise NotFound("wire order")
    await uow.audit("payout.wire_order_read", reports.FLOW, report_id, {"attempt": task.attempt["ordinal"]})
    return task


async def say_sent(
    uow: UnitOfWork, flow: FlowSteps, asker: Principal, report_id: UUID, bank_reference: str, evidence: str
) -> WireTask:
    """Propose that the bank executed it, under the bank's reference. Another operator confirms; until then it waits."""
    task = await _locked_task(uow, flow, report_id)
    await resolution.propose(uow, asker, task.call["id"], "applied", bank_reference, evidence)
    return await read_task(uow, flow, report_id)


async def say_refused(
    uow: UnitOfWork, flow: FlowSteps, asker: Principal, report_id: UUID, reason: str, who_must_act: MustAct
) -> WireTask:
    """Propose that it was not sent and will not be, and who mends that; if it is the payee, they are mailed why."""
    task = await _locked_task(uow, flow, report_id)
    await resolution.propose(uow, asker, task.call["id"], "refused", None, reason, must_act=who_must_act)
    return await read_task(uow, flow, report_id)


async def assign(uow: UnitOfWork, flow: FlowSteps, report_id: UUID, operator_id: UUID) -> WireTask:
    """Give the task to another operator, who is not the payee."""
    row = await flow.lock(uow, report_id)
    task = await read_task(uow, flow, report_id)
    found = await operators.operator_of(uow, operator_id)
    if found is None or found["disabled_at"] is not None:
        raise InvalidInput("operator_id", "Name an operator of the organization who is not disabled.")
    if await payees.is_operator(uow, row["payee"], operator_id):
        raise PermissionDenied("Nobody has a say in a payment to themselves.", code="own_payout")
    await payouts.change_attempt(uow, report_id, task.attempt, "assigned", owner_id=operator_id)
    return await read_task(uow, flow, report_id)


async def _locked_task(uow: UnitOfWork, flow: FlowSteps, report_id: UUID) -> WireTask:
    await flow.lock(uow, report_id)
    return await read_task(uow, flow, report_id)


async def read_task(uow: UnitOfWork, flow: FlowSteps, report_id: UUID) -> WireTask:
    """The present attempt's task, its order not to be shown."""
    row = await flow.read(uow, report_id)
    attempt = row["attempt"]
    if attempt is None or not METHODS[attempt["kind"]].by_hand:
        raise NotFound("wire")
    call: MoneyCall | None = await calls.of_step(uow, flow.flow, report_id, StepKind.PAYOUT, attempt["ordinal"])
    if call is None:
        raise NotFound("money call")
    return WireTask(report_id, attempt, await calls.row(uow, call.id), dict(call.request))
