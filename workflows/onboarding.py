"""Make a person known at Chek: find or make the user, then invite it to direct pay or make it a card."""

from temporalio import workflow

from contracts.flow import FlowInput
from contracts.onboarding import LOOK_AT_ONBOARDING, OnboardingStanding
from workflows.flow import Flow


@workflow.defn(name="onboarding")
class Onboarding(Flow):
    """Ends `onboarded` or `cancelled`. A refusal stops it until somebody retries or cancels."""

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
            standing = await self.step(LOOK_AT_ONBOARDING, OnboardingStanding)
            self.see_clock(standing.business_now)
            self.show(standing.state)
            if standing.ended:
                return standing.state
            if standing.step is None:
                await self.wait(f"an operator ({standing.stopped})")
            else:
                await self.money_step(standing.step)
