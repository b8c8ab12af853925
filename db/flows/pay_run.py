"""The flow `pay-run`: pause, resume, retry, cancel. Its money moves in provider payments of their own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow, FlowSteps
from db.flows.without_money_step import WithoutMoneyStep
from db.queries import pay_run as queries
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.errors import StateConflict
from domain.ids import public_id
from domain.pay_run import OPEN, PairState, PayRunState


class PayRunSteps(WithoutMoneyStep):
    """What may be asked of a run. It has no money step of its own."""

    flow = queries.FLOW
    commands: frozenset[str] = frozenset({"pause", "resume", "retry", "cancel"})

    def __init__(self, payments: FlowSteps) -> None:
        """`payments`: the flow of the payments that a run makes."""
        self._payments = payments

    async def lock(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The run's row, locked."""
        return await queries.get(uow, flow_id, lock=True)

    async def read(self, uow: UnitOfWork, flow_id: UUID) -> FlowRow:
        """The run's row."""
        return await queries.get(uow, flow_id)

    async def command(self, uow: UnitOfWork, row: FlowRow, name: str, arguments: Mapping[str, Any]) -> None:
        """Carry it out at once: from this transaction on no pair is begun against it."""
        del arguments
        state = PayRunState(row["state"])
        if name == "retry":
            await self._retry(uow, row, state)
            return
        if state not in OPEN:
            raise StateConflict("already_ended", f"The pay run is {state}.")
        if name == "cancel":
            await queries.move_pairs(uow, row["id"], PairState.WAITING, PairState.DROPPED)
            now = await uow.business_now()
            await queries.change(uow, row["id"], "cancelled", state=PayRunState.CANCELLED, ended_at=now)
        elif name == "pause":
            if state is PayRunState.PAUSED:
                raise StateConflict("pay_run_paused", "The pay run is paused already.")
            await queries.change(uow, row["id"], "paused", state=PayRunState.PAUSED)
        else:
            if state is PayRunState.RUNNING:
                raise StateConflict("pay_run_running", "The pay run is not paused.")
            await queries.change(uow, row["id"], "resumed", state=PayRunState.RUNNING)

    async def _retry(self, uow: UnitOfWork, row: FlowRow, state: PayRunState) -> None:
        """Refused pairs are begun anew; payments that stopped do their stopped step again, each as if asked alone."""
        if state is PayRunState.CANCELLED:
            raise StateConflict("already_ended", "The pay run is cancelled.")
        again = await queries.move_pairs(uow, row["id"], PairState.REFUSED, PairState.WAITING)
        for payment_id in await queries.stopped_payments(uow, row["id"]):
            again += await self._retry_payment(uow, payment_id)
        if not again:
            raise StateConflict("nothing_failed", "No pair of the run was refused or stopped.")
        values: dict[str, Any] = {"retried": again}
        await uow.audit("pay_run.retry_began", queries.FLOW, row["id"], values)
        if state is PayRunState.FINISHED:
            await queries.change(uow, row["id"], "retried", state=PayRunState.RUNNING, ended_at=None)

    async def _retry_payment(self, uow: UnitOfWork, payment_id: UUID) -> bool:
        try:
            async with uow.savepoint():
                payment = await self._payments.lock(uow, payment_id)
                await self._payments.command(uow, payment, "retry", {})
        except StateConflict:
            return False  # it went on meanwhile
        await uow.wake_workflow(self._payments.run(await self._payments.read(uow, payment_id)))
        return True

    def run(self, row: FlowRow) -> WorkflowRun:
        """`pay-run/<id>`."""
        organization = row["organization_id"]
        shown = public_id("prun", row["id"])
        return WorkflowRun(
            workflow=queries.FLOW,
            workflow_id=f"{queries.FLOW}/{row['id']}",
            restart_id=f"{queries.FLOW}/{row['id']}/again",
            argument={"organization_id": str(organization), "id": str(row["id"])},
            search_attributes={
                "Organization": public_id("org", organization),
                "Flow": queries.FLOW,
                "Subject": shown,
                "State": row["state"],
            },
            summary=f"Pay the care days of {row['first_day']} to {row['last_day']}",
            path=f"/v1/pay-runs/{shown}",
        )
