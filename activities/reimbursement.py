"""Reimbursement steps on our own rows: record the payout, look where it stands, undo it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from temporalio import activity

from contracts.flow import FlowInput
from contracts.reimbursement import LOOK, REIMBURSE, WIND_UP, ReimbursementStanding
from db.engine import Database
from db.flows.reimbursement import ReimbursementSteps
from db.flows.reimbursement_commands import stop_due
from db.flows.reimbursement_payouts import reimburse, wind_up
from db.flows.reimbursement_row import funding_steps
from db.queries import mail as mails
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.errors import BursarError
from domain.payout import FundingState, PayoutState
from domain.reimbursement_step import StepKind, step_name


class Reimbursements:
    """One instance per process."""

    def __init__(self, database: Database, steps: ReimbursementSteps) -> None:
        self._database = database
        self._steps = steps

    @activity.defn(name=REIMBURSE)
    async def reimburse(self, flow: FlowInput) -> ReimbursementStanding:
        """Make the payouts of an approved report; a report that has them, or has ended, stays as it is."""

        async def record(uow: UnitOfWork) -> None:
            await reimburse(uow, self._steps, flow.id)

        return await self._recorded(flow, record)

    @activity.defn(name=LOOK)
    async def look(self, flow: FlowInput) -> ReimbursementStanding:
        """Where the payout stands, and which money steps are due."""
        async with self._unit_of_work(flow) as uow:
            return await self._standing(uow, flow)

    @activity.defn(name=WIND_UP)
    async def wind_up(self, flow: FlowInput) -> ReimbursementStanding:
        """Record what gives the money back; `steps` are what is still to be done, none when it is complete."""

        async def record(uow: UnitOfWork) -> list[str]:
            return await wind_up(uow, self._steps, flow.id)

        return await self._recorded(flow, record)

    async def _recorded(
        self, flow: FlowInput, record: Callable[[UnitOfWork], Awaitable[list[str] | None]]
    ) -> ReimbursementStanding:
        """The standing after it, with the steps that `record` names, or where it names none those that are due.

        A refusal records nothing; it is shown on the report, and an operator must act.
        """
        try:
            async with self._unit_of_work(flow) as uow:
                steps = await record(uow)
                standing = await self._standing(uow, flow)
                return standing if steps is None else standing.model_copy(update={"steps": steps})
        except BursarError as refusal:
            if refusal.retry == "later":
                raise
            async with self._unit_of_work(flow) as uow:
                await reports.change(uow, flow.id, "blocked", code=refusal.code, message=refusal.message)
                return (await self._standing(uow, flow)).model_copy(update={"blocked": refusal.message, "steps": []})

    async def _standing(self, uow: UnitOfWork, flow: FlowInput) -> ReimbursementStanding:
        row = await self._steps.read(uow, flow.id)
        holding = row["holding"]
        steps: list[str] = []
        if holding is not None and holding["state"] == PayoutState.FUNDING:
            steps = funding_steps(row, FundingState.PENDING)
        elif holding is not None and holding["state"] == PayoutState.SENDING:
            steps = [step_name(StepKind.PAYOUT)]
        elif holding is not None and holding["state"] in (PayoutState.SENT, PayoutState.ACTION_REQUIRED):
            stop = await stop_due(uow, row)
            steps = [] if stop is None else [stop]
        return ReimbursementStanding(
            report_state=row["state"],
            payout_state=None if holding is None else holding["state"],
            must_act=None if holding is None else holding["must_act"],
            steps=steps,
            mails=await mails.pending(uow, reports.FLOW, flow.id),
            business_now=await uow.business_now(),
        )

    def _unit_of_work(self, flow: FlowInput) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(flow.organization_id, actor=f"flow/{reports.FLOW}")
