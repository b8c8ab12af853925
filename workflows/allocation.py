"""Fund an allocation: the programme's money goes to the family's wallet, once, however long Chek is away."""

from datetime import timedelta

from temporalio import workflow

from contracts.allocation import FUND_AGAIN, LOOK_AT_ALLOCATION, AllocationStanding
from contracts.flow import FlowInput
from workflows.flow import Flow


@workflow.defn(name="allocation")
class Allocation(Flow):
    """Ends when the money is in the wallet. A refusal leaves the allocation unfunded and waits for a retry.

    What is proven not to have happened is done again by itself.
    """

    flow = "allocation"
    commands = frozenset({"retry"})

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
            allocation = await self.look(LOOK_AT_ALLOCATION, AllocationStanding)
            self.see_clock(allocation.business_now)
            self.show(allocation.funding_state)
            if allocation.funding_state == "funded":
                return allocation.funding_state
            if allocation.again_seconds is not None:
                await self._fund_again(allocation)
            elif allocation.stopped is not None:
                await self.wait(f"an operator ({allocation.stopped})")
            else:
                await self.money_step("fund")

    async def _fund_again(self, allocation: AllocationStanding) -> None:
        """Nothing was moved and nobody has to act: after a while it is done again, unless something happens before."""
        wakes = self._wakes
        await self.wait(
            f"the next try by itself ({allocation.stopped})", timedelta(seconds=allocation.again_seconds or 0)
        )
        if self._wakes == wakes:
            await self.step(FUND_AGAIN, AllocationStanding)
