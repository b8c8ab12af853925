"""Looking at a provider payment."""

from temporalio import activity

from contracts.flow import FlowInput
from contracts.provider_payment import LOOK_AT_PAYMENT, PaymentStanding
from db.engine import Database
from db.queries import provider_payment as queries
from domain.provider_payment import ENDED, NEXT_STEP, PaymentState


class ProviderPayments:
    """Provider payments as their rows stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=LOOK_AT_PAYMENT)
    async def look(self, flow: FlowInput) -> PaymentStanding:
        """Where the payment stands, and what is to be done now."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/provider-payment") as uow:
            row = await queries.get(uow, flow.id)
            now = await uow.business_now()
        state = PaymentState(row["state"])
        return PaymentStanding(
            state=state,
            next_step=NEXT_STEP.get(state),
            ended=state in ENDED,
            waiting_for=_waiting_for(row["code"], row["must_act"]),
            business_now=now,
        )


def _waiting_for(code: str | None, must_act: str | None) -> str:
    who = {"payee": "the provider", "nobody": "a retry"}.get(must_act or "", "an operator")
    return f"{who} ({code})" if code else who
