"""Store an ACH account: prenote, storage token, and verification after three clean banking days."""

from temporalio import workflow

from contracts.ach import VERIFY_ACCOUNT, AccountStanding
from contracts.flow import FlowInput
from workflows.flow import Flow


@workflow.defn(name="ach-account")
class AchAccount(Flow):
    """Ends when the account is verified, or has failed, or was revoked by a return of its prenote."""

    flow = "ach-account"
    commands = frozenset({"retry", "cancel"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Prenote, store, then wait for silence."""
        del start
        for step in ("prenote", "store"):
            self.show(f"{step}_submitted")
            result = await self.money_step(step)
            if result.state != "applied":
                self.show("failed")
                return "failed"
        self.show("stored")
        while True:
            standing = await self.step(VERIFY_ACCOUNT, AccountStanding)
            self.see_clock(standing.business_now)
            if standing.verification_state != "submitted" or standing.verifies_at is None:
                self.show(standing.verification_state)
                return standing.verification_state
            await self.wait(
                f"{standing.verifies_at:%Y-%m-%d}, the third banking day after the prenote settles",
                standing.verifies_at - self.business_now(),
            )
