"""Pay a provider: family's wallet to provider's wallet, then to the bank account or card.

Where a step is refused the payment waits for a person, the money where it is: a payout is tried again by itself, never
the move from wallet to wallet, and cancelling gives the money back to the family.
"""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

from contracts.flow import FlowInput
from contracts.provider_payment import LOOK_AT_PAYMENT, READ_METHOD, RESTED, MethodRead, PaymentStanding
from workflows.flow import Flow

CHEK_IS_AWAY = timedelta(seconds=15)


@workflow.defn(name="provider-payment")
class ProviderPayment(Flow):
    """Ends `paid`, `cancelled` or `given_back`."""

    flow = "provider-payment"
    commands = frozenset({"retry", "cancel", "method_changed"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Do what the payment's row says is next, until it has ended."""
        del start
        return await self.to_the_end(self._story)

    async def _story(self) -> str:
        while True:
            payment = await self.look(LOOK_AT_PAYMENT, PaymentStanding)
            self.see_clock(payment.business_now)
            self.show(payment.state)
            if payment.ended or payment.next_step is None:
                await self._tell_pay_run()
            if payment.ended:
                return payment.state
            if payment.next_step is None:
                await self.wait(payment.waiting_for)
            elif payment.next_step == "give_back" or await self._method_is_known():
                await self.money_step(payment.next_step)

    async def _tell_pay_run(self) -> None:
        """A run that ended, or was terminated, needs not hear it; one that goes on is found under the same id."""
        parent = workflow.info().parent
        if parent is not None:
            with suppress(FailureError):
                await workflow.get_external_workflow_handle(parent.workflow_id).signal(RESTED, str(self._start.id))

    async def _method_is_known(self) -> bool:
        """No money moves on what Chek said about the provider some time ago."""
        read = await self.step(READ_METHOD, MethodRead)
        if not read.reached:
            await self.wait("Chek to say how the provider is paid", CHEK_IS_AWAY)
        return read.reached
