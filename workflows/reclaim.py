"""Take unused money back: from the family's wallet to the programme, once."""

from temporalio import workflow

from contracts.flow import FlowInput
from contracts.reclaim import LOOK_AT_RECLAIM, ReclaimStanding
from workflows.flow import Flow


@workflow.defn(name="reclaim")
class Reclaim(Flow):
    """Ends `reclaimed` or `cancelled`. A refusal stops it until somebody retries or cancels."""

    flow = "reclaim"
    commands = frozenset({"retry", "cancel"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Move the money; wait for a person where that was refused."""
        del start
        return await self.to_the_end(self._story)

    async def _story(self) -> str:
        while True:
            standing = await self.look(LOOK_AT_RECLAIM, ReclaimStanding)
            self.see_clock(standing.business_now)
            self.show(standing.state)
            if standing.ended:
                return standing.state
            if standing.stopped is not None:
                await self.wait(f"an operator ({standing.stopped})")
            else:
                await self.money_step("reclaim")
