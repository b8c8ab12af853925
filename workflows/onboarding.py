"""Make a person known at Chek: find or make the user, then invite it to direct pay or make it a card."""

from datetime import timedelta

from temporalio import workflow

from contracts.flow import FlowInput
from contracts.onboarding import LOOK_AT_ONBOARDING, ONBOARD_AGAIN, OnboardingStanding
from workflows.flow import Flow


@workflow.defn(name="onboarding")
class Onboarding(Flow):
    """Ends `onboarded` or `cancelled`. A refusal stops it until somebody retries or cancels.

    What is proven not to have happened is done again by itself.
    """

    flow = "onboarding"
    commands = frozenset({"retry", "cancel"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Do what is still to be done; wait for a person where that was refused."""
        del start
        return await self.to_the_end(self._story)

    async def _story(self) -> str:
        while True:
            standing = await self.look(LOOK_AT_ONBOARDING, OnboardingStanding)
            self.see_clock(standing.business_now)
            self.show(standing.state)
            if standing.ended:
                return standing.state
            if standing.again_seconds is not None:
                await self._again(standing)
            elif standing.step is None:
                await self.wait(f"an operator ({standing.stopped})")
            else:
                await self.money_step(standing.step)

    async def _again(self, standing: OnboardingStanding) -> None:
        """Nothing was made and nobody has to act: after a while it is done again, unless something happens before."""
        wakes = self._wakes
        pause = timedelta(seconds=standing.again_seconds or 0)
        await self.wait(f"the next try by itself ({standing.stopped})", pause)
        if self._wakes == wakes:
            await self.step(ONBOARD_AGAIN, OnboardingStanding)
