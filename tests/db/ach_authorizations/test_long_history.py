"""Years of charges in one workflow: it goes on under fresh histories, none of them long, and no date drifts.

The workflow runs on a real server; its one activity moves the business clock to what it waits for, as time would.
"""

import calendar
from datetime import date
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from activities.temporal import connect
from cli.embedded.temporal import EmbeddedTemporal
from contracts.ach_authorization import KEEP_AUTHORIZATION, AuthorizationStanding
from contracts.flow import FlowInput
from contracts.mail import SEND, SendMail
from db.crypto.keyring import Keyring
from db.queries import mail as mails
from domain.calendar import new_york_date
from domain.ids import new_id
from domain.recurrence import charge_date
from settings import TemporalSettings
from tests.db.ach_authorizations.desk import Desk
from worker import workflow_side
from workflows.ach_authorization import LONG_HISTORY

YEARS = 3
LONGEST = 1_150
"""Events: the threshold, and what one look, its mails and a few asks add before the next look."""


class Years:
    """The activities of the workflow over a desk: the gateway and the mail server answer at once, and time passes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @activity.defn(name=KEEP_AUTHORIZATION)
    async def keep(self, flow: FlowInput) -> AuthorizationStanding:
        """Look as the real one does; with nothing to send, go on to what is next."""
        standing = await self._desk.keep(flow.id)
        await self._desk.answer()
        if not standing.mails and standing.look_at is not None:
            await self._desk.move_to(new_york_date(standing.look_at))
        async with self._desk.work() as uow:
            now = await uow.business_now()
        return AuthorizationStanding(
            state=standing.state,
            look_at=standing.look_at,
            waiting_for=standing.waiting_for,
            mails=standing.mails,
            business_now=now,
        )

    @activity.defn(name=SEND)
    async def send(self, ask: SendMail) -> None:
        """The mail server takes it."""
        async with self._desk.work() as uow:
            await mails.sent(uow, await mails.read(uow, ask.mail_id))


async def test_three_years_of_month_ends_fit_into_short_histories_and_do_not_drift(
    desk: Desk, temporal: EmbeddedTemporal
) -> None:
    year = (await desk.today()).year
    first = date(year, 3, 31)
    authorization = await desk.authorized(first, ends_on=date(year + YEARS, 3, 1))
    client = await connect(TemporalSettings(address=temporal.address), Keyring.generate())
    years, queue = Years(desk), f"test-{new_id().hex}"
    async with Worker(client, task_queue=queue, activities=[years.keep, years.send], **workflow_side()):
        run = await client.start_workflow(
            "ach-authorization",
            FlowInput(organization_id=desk.organization_id, id=authorization),
            id=f"ach-authorization/{authorization}",
            task_queue=queue,
        )
        assert await run.result() == "ended"
    lengths = await _lengths(client, authorization, str(run.first_execution_run_id))
    assert len(lengths) >= 2, "it went on under a fresh history"
    assert all(LONG_HISTORY <= length <= LONGEST for length in lengths[:-1]), lengths
    assert lengths[-1] <= LONGEST
    months = [(year + (2 + n) // 12, (2 + n) % 12 + 1) for n in range(12 * YEARS)]
    ends = [date(*month, calendar.monthrange(*month)[1]) for month in months]
    debits = await desk.debits()
    assert [debit["period_on"] for debit in debits] == ends
    assert [debit["business_date"] for debit in debits] == [charge_date(day) for day in ends]
    assert {period["state"] for period in await desk.periods(authorization)} == {"charged"}
    assert len(await desk.notices("receipt")) == len(ends), "no mail was sent twice or left out by a fresh history"


async def _lengths(client: Client, authorization: UUID, run_id: str) -> list[int]:
    """The number of events of each run, in their order."""
    found: list[int] = []
    following: str | None = run_id
    while following:
        handle: Any = client.get_workflow_handle(f"ach-authorization/{authorization}", run_id=following)
        history = await handle.fetch_history()
        found.append(len(history.events))
        following = history.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return found
