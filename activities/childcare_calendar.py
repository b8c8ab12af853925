"""What the programme's calendar does by itself: months for every child, reminders for families."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping
from temporalio import activity

from activities.heartbeat import heartbeats
from contracts.childcare_calendar import ALLOCATE_MONTH, REMIND, MonthReport, ReminderReport, Zone
from db.engine import Database
from db.flows.allocation_submit import allocate
from db.flows.base import FlowSteps
from db.flows.childcare_mail import send
from db.queries import contact, family, program
from db.unit_of_work import UnitOfWork
from domain.childcare_month import following, month_of
from domain.childcare_week import week_of
from domain.errors import BursarError

ACTOR = "childcare/calendar"


class ChildcareCalendar:
    """Each child, and each family, in a transaction of its own: one that is refused holds up no other."""

    def __init__(self, database: Database, flows: Mapping[str, FlowSteps]) -> None:
        self._database = database
        self._flows = flows

    @activity.defn(name=ALLOCATE_MONTH)
    async def allocate_month(self, zone: Zone) -> MonthReport:
        """Allocate this month and the next for every enabled child; a month that stands is left alone."""
        seen: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        async with heartbeats():
            now, programs = await self._programs(zone)
            month = month_of(_date_in(zone, now))
            for owner in programs:
                async with self._unit_of_work(owner["organization_id"]) as uow:
                    children = await family.subsidised(uow, owner["id"])
                for child_id in children:
                    for wanted in (month, following(month)):
                        try:
                            seen[await self._allocate(owner["organization_id"], child_id, wanted)] += 1
                        except BursarError as refusal:
                            refused[refusal.code] += 1
        return MonthReport(created=seen["created"], standing=seen["standing"], refused=dict(refused))

    @activity.defn(name=REMIND)
    async def remind(self, zone: Zone) -> ReminderReport:
        """Write to each family with a child that has money and no day in the next week; once per week."""
        written = 0
        async with heartbeats():
            now, programs = await self._programs(zone)
            monday = week_of(_date_in(zone, now)) + timedelta(days=7)
            for owner in programs:
                async with self._unit_of_work(owner["organization_id"]) as uow:
                    children = await family.without_days(uow, owner["id"], monday)
                for family_id, theirs in groupby(children, lambda row: row["family_id"]):
                    names = [row["name"] for row in theirs]
                    written += await self._remind(owner["organization_id"], family_id, names, monday)
        return ReminderReport(written=written)

    async def _allocate(self, organization_id: UUID, child_id: UUID, month: date) -> str:
        async with self._unit_of_work(organization_id) as uow:
            _, is_new = await allocate(uow, self._flows, child_id, month, None)
        return "created" if is_new else "standing"

    async def _remind(self, organization_id: UUID, family_id: UUID, names: Sequence[str], monday: date) -> bool:
        async with self._unit_of_work(organization_id) as uow:
            person = await contact.of(uow, "family", family_id)
            if person is None:
                return False
            return await send(
                uow,
                f"childcare_reminder_{person.language}",
                f"childcare_reminder/{family_id}/{monday}",
                "family",
                family_id,
                recipient=person.email,
                values={"name": person.name, "child": ", ".join(names), "week": monday.isoformat()},
            )

    async def _programs(self, zone: Zone) -> tuple[datetime, list[RowMapping]]:
        async with self._database.across_organizations(actor=ACTOR) as uow:
            return await uow.business_now(), await program.of_zone(uow, zone.time_zone)

    def _unit_of_work(self, organization_id: UUID) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._database.unit_of_work(organization_id, actor=ACTOR)


def _date_in(zone: Zone, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone.time_zone)).date()
