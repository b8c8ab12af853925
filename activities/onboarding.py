"""Looking at an onboarding."""

from temporalio import activity

from contracts.flow import FlowInput
from contracts.onboarding import LOOK_AT_ONBOARDING, OnboardingStanding
from db.engine import Database
from db.flows.onboarding import wallet_of
from db.queries import onboarding as queries
from domain.onboarding import CREATE_USER, ENDED, OPEN, OnboardingState, step_of


class Onboardings:
    """Onboardings as their rows stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=LOOK_AT_ONBOARDING)
    async def look(self, flow: FlowInput) -> OnboardingStanding:
        """Where it stands, and what is to be done."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/onboarding") as uow:
            row = await queries.get(uow, flow.id)
            has_wallet = await wallet_of(uow, row) is not None
            now = await uow.business_now()
        state = OnboardingState(row["state"])
        # one whose wallet was registered meanwhile is told so where its step is planned
        step = CREATE_USER if state is OnboardingState.SUBMITTED else step_of(row, has_wallet=has_wallet)
        return OnboardingStanding(
            state=state,
            ended=state in ENDED,
            step=step if state in OPEN else None,
            stopped=(row["code"] or "stopped") if state is OnboardingState.STOPPED else None,
            business_now=now,
        )
