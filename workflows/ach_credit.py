"""Credit a stored account: a payout, or a refund of a debit."""

from temporalio import workflow

from contracts.flow import FlowInput
from workflows.ach_entry import AchEntry


@workflow.defn(name="ach-credit")
class AchCredit(AchEntry):
    """Ends at `settled`, or without effect; a refund is a credit with a parent."""

    flow = "ach-credit"
    step_name = "credit"

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Submit it, then wait for the settlement report."""
        del start
        return await self.to_the_end(self._story)
