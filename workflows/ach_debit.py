"""Debit a stored account: hand it to the gateway, then follow it until the bank settles or returns it."""

from temporalio import workflow

from contracts.ach import LOOK_AT_DEBIT, DebitStanding
from contracts.flow import FlowInput
from workflows.flow import Flow


@workflow.defn(name="ach-debit")
class AchDebit(Flow):
    """Ends at `settled`; a return that comes later is handled by the inbox, whenever it comes."""

    flow = "ach-debit"
    commands = frozenset({"cancel"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Submit, then wait for the settlement report."""
        del start
        return await self.to_the_end(self._story)

    async def _story(self) -> str:
        self.show("submitting")
        await self.money_step("debit")
        while True:
            standing = await self.step(LOOK_AT_DEBIT, DebitStanding)
            self.see_clock(standing.business_now)
            self.show(standing.ach_state)
            if standing.ach_state not in ("accepted", "originated"):
                return standing.ach_state
            await self.wait("the settlement report")
