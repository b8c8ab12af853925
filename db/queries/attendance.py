"""Attendance by week, and which weeks of a child and a provider are overdue."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, RowMapping, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.queries import provider
from db.queries.row import get_row, list_rows
from db.tables.attendance import attendance
from db.tables.care_day import care_day
from db.tables.payment_intent import payment_intent, payment_intent_item
from db.unit_of_work import UnitOfWork
from domain.attendance import Missing, missing
from domain.ids import new_id
from domain.provider_payment import MADE


async def get(uow: UnitOfWork, attendance_id: UUID) -> RowMapping:
    """One week of a child with a provider."""
    return await get_row(uow, attendance, "attendance", attendance_id)


async def of_week(uow: UnitOfWork, child_id: UUID, provider_id: UUID, week: date) -> RowMapping:
    """The row of a week, made if it is new; locked."""
    await uow.connection.execute(
        insert(attendance)
        .values(
            id=new_id(),
            organization_id=uow.organization_id,
            child_id=child_id,
            provider_id=provider_id,
            week=week,
        )
        .on_conflict_do_nothing()
    )
    row = await uow.one_or_none(
        select(attendance)
        .where(attendance.c.child_id == child_id, attendance.c.provider_id == provider_id, attendance.c.week == week)
        .with_for_update()
    )
    if row is None:
        raise RuntimeError("an attendance row that was just made is not seen")
    return row


async def change(uow: UnitOfWork, attendance_id: UUID, **values: Any) -> None:
    """Change a week's entries."""
    await uow.connection.execute(update(attendance).where(attendance.c.id == attendance_id).values(**values))


async def paid_providers(uow: UnitOfWork, child_id: UUID) -> list[UUID]:
    """The providers that were paid for days of this child."""
    rows = await uow.all(
        select(payment_intent.c.provider_id)
        .distinct()
        .where(
            payment_intent.c.child_id == child_id,
            payment_intent.c.kind == "care_days",
            payment_intent.c.state.in_(MADE),
        )
        .order_by(payment_intent.c.provider_id)
    )
    return [row["provider_id"] for row in rows]


async def overdue(uow: UnitOfWork, child_id: UUID, provider_id: UUID, time_zone: str) -> list[Missing]:
    """The weeks with paid care days of this child and provider that a side should have entered by now."""
    week = cast(func.date_trunc("week", care_day.c.date), Date).label("paid_week")
    # by way of their payments, which are found by the child: all days of a payment are of its child and provider
    paid = (
        select(week)
        .distinct()
        .join(payment_intent_item, payment_intent_item.c.care_day_id == care_day.c.id)
        .join(payment_intent, payment_intent.c.id == payment_intent_item.c.payment_intent_id)
        .where(
            payment_intent.c.child_id == child_id,
            payment_intent.c.provider_id == provider_id,
            payment_intent.c.state.in_(MADE),
        )
        .subquery()
    )
    rows = await uow.all(
        select(paid.c.paid_week, attendance).outerjoin(
            attendance,
            (attendance.c.week == paid.c.paid_week)
            & (attendance.c.child_id == child_id)
            & (attendance.c.provider_id == provider_id),
        )
    )
    asked = not (await provider.get(uow, provider_id))["attendance_waived"]
    today = (await uow.business_now()).astimezone(ZoneInfo(time_zone)).date()
    return missing({row["paid_week"]: row for row in rows}, today, provider_asked=asked)


async def list_attendance(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Weeks of attendance, newest first."""
    return await list_rows(uow, attendance, after=after, limit=limit, filters=filters)
