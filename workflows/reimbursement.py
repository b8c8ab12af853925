"""Reimburse a person: fund the payout by book transfers, pay it, stay with it until the bank says `settled`."""

import asyncio
from contextlib import suppress
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

from contracts.flow import FlowInput
from contracts.mail import SEND, SendMail
from contracts.reimbursement import LOOK, REIMBURSE, WIND_UP, ReimbursementStanding
from workflows import presets
from workflows.flow import Flow


@workflow.defn(name="reimbursement")
class Reimbursement(Flow):
    """Ends at `settled`, `cancelled` or `reversed`. A return that comes later starts a further run from the rows."""

    flow = "reimbursement"
    commands = frozenset({"retry", "cancel", "reverse", "method_changed"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)
        self._mails: dict[UUID, asyncio.Task[None]] = {}

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Pay, and stay until the end."""
        del start
        return await self.to_the_end(self._story)

    async def _story(self) -> str:
        """Each turn looks at the rows, which any command or word of the bank may have changed, and does what is due."""
        standing = await self.step(REIMBURSE, ReimbursementStanding)
        while True:
            self.see_clock(standing.business_now)
            self.show(standing.payout_state or standing.report_state)
            self._post(standing)
            if standing.blocked is not None:
                await self.wait(f"an operator: {standing.blocked}")
            elif standing.payout_state in ("funding", "sending") or self._stops(standing):
                await self._move(standing)
            elif standing.payout_state == "sent":
                await self.wait("the bank's word on the transfer")
            elif standing.payout_state in ("returned", "action_required"):
                await self.wait(f"the {standing.must_act}: retry, or another payout method")
            elif standing.payout_state == "reversing":
                await self._give_back()
            elif standing.report_state == "reimbursement_approved":
                standing = await self.step(REIMBURSE, ReimbursementStanding)
                continue
            else:
                self._forget_mails()
                return standing.payout_state or standing.report_state
            standing = await self.look(LOOK, ReimbursementStanding)

    @staticmethod
    def _stops(standing: ReimbursementStanding) -> bool:
        """Whether what was handed over is to be stopped."""
        return standing.payout_state in ("sent", "action_required") and bool(standing.steps)

    async def _move(self, standing: ReimbursementStanding) -> None:
        """Do the money steps that are due, one after the other; stop where one was not done."""
        for step in standing.steps:
            result = await self.money_step(step)
            if result.state != "applied":
                return

    async def _give_back(self) -> None:
        """Undo what was booked; where that is refused, wait for an operator."""
        standing = await self.step(WIND_UP, ReimbursementStanding)
        if standing.blocked is not None:
            await self.wait(f"an operator: {standing.blocked}")
        await self._move(standing)
        standing = await self.look(LOOK, ReimbursementStanding)
        if standing.payout_state == "reversing" and standing.must_act is not None:
            await self.wait(f"the {standing.must_act}: retry")

    def _post(self, standing: ReimbursementStanding) -> None:
        """Have mails sent beside the payment, which never waits for one; one that failed for a day is tried anew."""
        for mail_id in standing.mails:
            if mail_id not in self._mails or self._mails[mail_id].done():
                self._mails[mail_id] = asyncio.create_task(self._send(mail_id))

    async def _send(self, mail_id: UUID) -> None:
        ask = SendMail(organization_id=self._start.organization_id, mail_id=mail_id)
        with suppress(ActivityError):
            await workflow.execute_activity(SEND, ask, **presets.MAIL)

    def _forget_mails(self) -> None:
        for sending in self._mails.values():
            sending.cancel()
