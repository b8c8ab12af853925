"""Void a debit before it goes out."""

from temporalio import workflow

from contracts.flow import FlowInput
from workflows.ach_entry import AchEntry


@workflow.defn(name="ach-void")
class AchVoid(AchEntry):
    """Ends when the gateway took it, or refused it."""

    flow = "ach-void"
    step_name = "void"
    settles = False

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Submit it, and see that it was taken."""
        del start
        return await self.to_the_end(self._story)
