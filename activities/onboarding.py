"""Looking at an onboarding, and going on with it where that needs nobody."""

from temporalio import activity

from contracts.flow import FlowInput
from contracts.onboarding import LOOK_AT_ONBOARDING, ONBOARD_AGAIN, OnboardingStanding
from db.engine import Database
from db.flows.base import FlowRow, FlowSteps
from db.flows.onboarding import wallet_of
from db.queries import onboarding as queries
from db.unit_of_work import UnitOfWork
from domain.onboarding import CREATE_USER, ENDED, OPEN, OnboardingState, step_of

LONGEST_PAUSE_SECONDS = 6 * 3600.0
MOST_DOUBLINGS = 20


class Onboardings:
    """Onboardings as their rows stand. `again_seconds`: the first pause before one goes on by itself."""

    def __init__(self, database: Database, steps: FlowSteps, *, again_seconds: float) -> None:
        self._database = database
        self._steps = steps
        self._again_seconds = again_seconds

    @activity.defn(name=LOOK_AT_ONBOARDING)
    async def look(self, flow: FlowInput) -> OnboardingStanding:
        """Where it stands, and what is to be done."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/onboarding") as uow:
            return await self._standing(uow, await queries.get(uow, flow.id))

    @activity.defn(name=ONBOARD_AGAIN)
    async def again(self, flow: FlowInput) -> OnboardingStanding:
        """Have a step done again that is proven not to have happened; whatever else stopped it stays stopped."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/onboarding") as uow:
            row = await self._steps.lock(uow, flow.id)
            if _needs_nobody(row):
                await self._steps.command(uow, row, "retry", {})
                row = await queries.get(uow, flow.id)
            return await self._standing(uow, row)

    async def _standing(self, uow: UnitOfWork, row: FlowRow) -> OnboardingStanding:
        state = OnboardingState(row["state"])
        has_wallet = await wallet_of(uow, row) is not None
        # one whose wallet was registered meanwhile is told so where its step is planned
        step = CREATE_USER if state is OnboardingState.SUBMITTED else step_of(row, has_wallet=has_wallet)
        tries = min(row["create_try"] + row["set_up_try"] - 2, MOST_DOUBLINGS)
        return OnboardingStanding(
            state=state,
            ended=state in ENDED,
            step=step if state in OPEN else None,
            stopped=(row["code"] or "stopped") if state is OnboardingState.STOPPED else None,
            again_seconds=min(self._again_seconds * 2**tries, LONGEST_PAUSE_SECONDS) if _needs_nobody(row) else None,
            business_now=await uow.business_now(),
        )


def _needs_nobody(row: FlowRow) -> bool:
    # each try looks again before it asks; what two people found out is not among these
    return (row["state"], row["code"]) == (OnboardingState.STOPPED, "not_made")
