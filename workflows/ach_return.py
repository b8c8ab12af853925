"""A debit that came back for lack of funds: wait for its day, then send it again as a debit of its own."""

from datetime import timedelta

from temporalio import workflow

from contracts.ach_return import REINITIATE, ReinitiationStanding
from contracts.flow import FlowInput
from workflows.flow import LOOK_AGAIN, Flow


@workflow.defn(name="ach-return")
class AchReturn(Flow):
    """Ends when the new debit is made (it has a run of its own), or nothing is planned any more."""

    flow = "ach-return"
    commands = frozenset({"cancel"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Wait, then send again."""
        del start
        return await self.to_the_end(self._story)

    async def _story(self) -> str:
        while True:
            standing = await self.step(REINITIATE, ReinitiationStanding)
            self.see_clock(standing.business_now)
            self.show(standing.state)
            if standing.due is None:
                return standing.state
            left = max(standing.due - self.business_now(), timedelta())
            await self.wait(f"{standing.due:%Y-%m-%d}, the banking day of the next try", min(left, LOOK_AGAIN))
