"""Debit a stored account."""

from temporalio import workflow

from contracts.flow import FlowInput
from workflows.ach_entry import AchEntry


@workflow.defn(name="ach-debit")
class AchDebit(AchEntry):
    """Ends at `settled`, `voided`, or without effect."""

    flow = "ach-debit"
    step_name = "debit"

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Submit it, then wait for the settlement report."""
        del start
        return await self.to_the_end(self._story)
