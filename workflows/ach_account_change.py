"""Apply a notification of change: store the corrected account as a new token, one correction after the other."""

from temporalio import workflow

from contracts.ach_return import LOOK_AT_CHANGE, ChangeStanding
from contracts.flow import FlowInput
from workflows.flow import Flow


@workflow.defn(name="ach-account-change")
class AchAccountChange(Flow):
    """Ends when the correction is applied, or has failed and a person sees why."""

    flow = "ach-account-change"
    commands = frozenset({"retry"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Store the account anew."""
        del start
        return await self.to_the_end(self._story)

    async def _story(self) -> str:
        while True:
            standing = await self.look(LOOK_AT_CHANGE, ChangeStanding)
            self.see_clock(standing.business_now)
            self.show(standing.state)
            if standing.state != "pending":
                return standing.state
            if standing.waits_for is not None:
                await self.wait(standing.waits_for)
            else:
                await self.money_step("store")
