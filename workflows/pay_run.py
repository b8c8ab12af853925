"""Pay all care days of a period: a window slides over the pairs of provider and child, one child workflow for each.

The rows say what is due, so a run goes on under a fresh history, or after a termination, where it was. Children outlive
their parent. A payment that waits for a person leaves its place in the window to the next one.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from contracts.flow import Ask, CommandAnswer, FlowInput
from contracts.pay_run import CARRY_ON, PaymentRun, PayRunStanding
from contracts.provider_payment import PROVIDER_PAYMENT
from workflows.flow import Flow

# a payment that stopped, or is in doubt, may be so without telling: its parent was another run
LOOK_AGAIN = timedelta(seconds=15)


@workflow.defn(name="pay-run")
class PayRun(Flow):
    """Ends `finished` when no pair waits or is being paid, or `cancelled`. A retry starts a further run."""

    flow = "pay-run"
    commands = frozenset({"pause", "resume", "retry", "cancel"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)
        self._started: set[UUID] = set()

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Begin payments as others come to rest."""
        del start
        return await self.to_the_end(self._story)

    @workflow.signal(description="A payment of the run came to rest")
    def rested(self, *_said: Any) -> None:
        """A payment of the run came to rest: its place in the window is free."""
        self._wakes += 1

    @workflow.signal(description="Begin no further payment until it is resumed")
    def pause(self, *said: Any) -> None:
        """Ask to begin no further payment."""
        self._hear("pause", said)

    @workflow.signal(description="Go on after a pause")
    def resume(self, *said: Any) -> None:
        """Ask to go on."""
        self._hear("resume", said)

    @workflow.update(name="pause", description="Begin no further payment until it is resumed")
    async def pause_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Ask to begin no further payment; answered with yes, or why not."""
        return await self._command("pause", ask, "update")

    @workflow.update(name="resume", description="Go on after a pause")
    async def resume_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Ask to go on; answered with yes, or why not."""
        return await self._command("resume", ask, "update")

    async def _story(self) -> str:
        while True:
            run = await self.step(CARRY_ON, PayRunStanding)
            self.see_clock(run.business_now)
            self.show(run.state, run.progress)
            for payment in run.under_way:
                await self._start_once(payment)
            if run.ended:
                return run.state
            await self.wait(run.progress, LOOK_AGAIN)

    async def _start_once(self, payment: PaymentRun) -> None:
        """Have the payment's own workflow running; it does not end with this one."""
        if payment.id in self._started:
            return
        self._started.add(payment.id)
        pairs = [
            SearchAttributePair(SearchAttributeKey.for_keyword(name), value)
            for name, value in payment.search_attributes.items()
        ]
        try:
            await workflow.start_child_workflow(
                PROVIDER_PAYMENT,
                FlowInput(organization_id=self._start.organization_id, id=payment.id),
                id=payment.workflow_id,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                search_attributes=TypedSearchAttributes(pairs),
                static_summary=payment.summary,
                static_details=payment.details,
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("the payment's workflow runs already")
