"""An authorization's own workflow: it charges and tells the customer what is due, for as long as it lasts."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ActivityError

from contracts.ach_authorization import KEEP_AUTHORIZATION, AuthorizationStanding
from contracts.flow import Ask, CommandAnswer, FlowInput
from contracts.mail import SEND, SendMail
from workflows import presets
from workflows.flow import LOOK_AGAIN, Flow

LONG_HISTORY = 1_000
"""Events after which the workflow goes on under a fresh history; everything it knows is in its rows."""


@workflow.defn(name="ach-authorization")
class AchAuthorization(Flow):
    """Ends when the authorization has ended, its last statement included. Pause, resume and changes are its rows'."""

    flow = "ach-authorization"
    commands = frozenset({"pause", "resume", "cancel", "change_amount", "change_schedule"})

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)
        self._mails: dict[UUID, asyncio.Task[None]] = {}

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """Do what is due, then wait for what is next."""
        del start
        return await self.to_the_end(self._story)

    @workflow.signal(description="Charge nothing until it is resumed")
    def pause(self, *said: Any) -> None:
        """Ask to charge nothing until it is resumed."""
        self._hear("pause", said)

    @workflow.signal(description="Charge again")
    def resume(self, *said: Any) -> None:
        """Ask to charge again."""
        self._hear("resume", said)

    @workflow.signal(description="Charge another `amount` (minor units), with notice")
    def change_amount(self, *said: Any) -> None:
        """Ask to charge another amount."""
        self._hear("change_amount", said)

    @workflow.signal(description="Charge from `first_charge_on` on, with notice")
    def change_schedule(self, *said: Any) -> None:
        """Ask to charge on another date."""
        self._hear("change_schedule", said)

    @workflow.update(name="pause", description="Charge nothing until it is resumed")
    async def pause_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Ask to charge nothing until it is resumed; answered with yes, or why not."""
        return await self._command("pause", ask, "update")

    @workflow.update(name="resume", description="Charge again")
    async def resume_update(self, ask: Ask | None = None) -> CommandAnswer:
        """Ask to charge again; answered with yes, or why not."""
        return await self._command("resume", ask, "update")

    @workflow.update(name="change_amount", description="Charge another `amount` (minor units), with notice")
    async def change_amount_update(self, ask: Ask) -> CommandAnswer:
        """Ask to charge another amount; answered with yes, or why not."""
        return await self._command("change_amount", ask, "update")

    @workflow.update(name="change_schedule", description="Charge from `first_charge_on` on, with notice")
    async def change_schedule_update(self, ask: Ask) -> CommandAnswer:
        """Ask to charge on another date; answered with yes, or why not."""
        return await self._command("change_schedule", ask, "update")

    async def _story(self) -> str:
        while True:
            standing = await self.step(KEEP_AUTHORIZATION, AuthorizationStanding)
            self.see_clock(standing.business_now)
            self.show(standing.state)
            self._post(standing.mails)
            if standing.look_at is None and not standing.mails:
                return standing.state
            self._start_afresh_when_long()
            if standing.look_at is None:
                await self.wait("its last mails to be sent")
            else:
                left = standing.look_at - self.business_now()
                await self.wait(f"{standing.waiting_for}, {standing.look_at:%Y-%m-%d}", min(left, LOOK_AGAIN))

    def _post(self, mails: list[UUID]) -> None:
        """Have mails sent beside the charges, which never wait for one; one that failed for a day is tried anew."""
        for mail_id in mails:
            if mail_id not in self._mails or self._mails[mail_id].done():
                self._mails[mail_id] = asyncio.create_task(self._send(mail_id))

    async def _send(self, mail_id: UUID) -> None:
        ask = SendMail(organization_id=self._start.organization_id, mail_id=mail_id)
        with suppress(ActivityError):
            await workflow.execute_activity(SEND, ask, **presets.MAIL)
            self.wake()  # what was sent is marked by the next look

    def _start_afresh_when_long(self) -> None:
        """Between two looks, and never while a mail is being sent: it might be sent twice."""
        self._mails = {mail_id: sending for mail_id, sending in self._mails.items() if not sending.done()}
        quiet = not self._mails and not self._asked and self._wakes == self._looked
        if quiet and workflow.info().get_current_history_length() >= LONG_HISTORY and workflow.all_handlers_finished():
            workflow.continue_as_new(self._start)


@workflow.defn(name="ach-authorization", versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class LastingAchAuthorization(AchAuthorization):
    """The same where builds are told apart: it may last for years, so it goes on with the build that is current.

    A class of its own because the server refuses such a word from a worker that names no build.
    """

    @workflow.init
    def __init__(self, start: FlowInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: FlowInput) -> str:
        """As without builds."""
        return await super().run(start)
