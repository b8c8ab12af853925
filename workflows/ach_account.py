"""Store an ACH account: prenote, storage token, and verification after three clean banking days."""

from datetime import timedelta

from temporalio import workflow

from contracts.ach import VERIFY_ACCOUNT, AccountStanding
from contracts.flow import FlowInput
from workflows.flow import Flow

FIRST_LOOK_AGAIN, LAST_LOOK_AGAIN = timedelta(seconds=1), timedelta(minutes=15)


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
        return await self.to_the_end(self._story)

    async def _story(self) -> str:
        for step in ("prenote", "store"):
            self.show(f"{step}_submitted")
            result = await self.money_step(step)
            if result.state != "applied":
                self.show("failed")
                return "failed"
        self.show("stored")
        pause = FIRST_LOOK_AGAIN
        while True:
            standing = await self.step(VERIFY_ACCOUNT, AccountStanding)
            self.see_clock(standing.business_now)
            if standing.verification_state != "submitted" or standing.verifies_at is None:
                self.show(standing.verification_state)
                return standing.verification_state
            left = standing.verifies_at - self.business_now()
            if left > timedelta():
                await self.wait(
                    f"{standing.verifies_at:%Y-%m-%d}, the third banking day after the prenote settles", left
                )
            else:
                await self.wait("the gateway's returns to be read up to that day", pause)
                pause = min(pause * 2, LAST_LOOK_AGAIN)
