"""Keep an authorization: plan, announce, charge, receipt, statement, as far as each is due."""

from temporalio import activity

from contracts.ach_authorization import KEEP_AUTHORIZATION, AuthorizationStanding
from contracts.flow import FlowInput
from db.engine import Database
from db.flows.ach_authorization_charge import ChargeTerms
from db.flows.ach_authorization_keep import keep


class AchAuthorizations:
    """One instance per process."""

    def __init__(self, database: Database, terms: ChargeTerms) -> None:
        self._database = database
        self._terms = terms

    @activity.defn(name=KEEP_AUTHORIZATION)
    async def keep(self, flow: FlowInput) -> AuthorizationStanding:
        """Do what is due, and say when to look again."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/ach-authorization") as uow:
            standing = await keep(uow, flow.id, self._terms)
            return AuthorizationStanding(
                state=standing.state,
                look_at=standing.look_at,
                waiting_for=standing.waiting_for,
                mails=standing.mails,
                business_now=await uow.business_now(),
            )
