"""/v1/attendance: the days of each week, as family and provider enter them."""

import datetime as dt
from typing import Annotated, Any

from fastapi import Query

from api.acting_for import READS_OWN, ActingFor
from api.auth import needs
from api.context import Context
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.attendance import AttendanceView, NewAttendance, attendance_view
from api.unit_of_work import Work
from db.queries import attendance as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import attendance as service

routes = router("attendance")
Id = Annotated[str | None, Query(max_length=60)]


@routes.post("", dependencies=[needs("attendance:write")], response_model=AttendanceView)
async def enter(body: NewAttendance, once: Once, context: Context, party: ActingFor) -> object:
    """Enter one side's days of a week. Entering them again corrects them; payments that waited for them go on."""
    child_id = parse_public_id("child", body.child_id, field="child_id")
    provider_id = parse_public_id("prov", body.provider_id, field="provider_id")

    async def deed(uow: UnitOfWork) -> Answer:
        row = await service.enter(
            uow,
            context.flows,
            body.entered_by,
            child_id,
            provider_id,
            body.week,
            body.full_days,
            body.half_days,
            party=party,
        )
        return Answer(200, attendance_view(row))

    return await once.answer(deed)


@routes.get("", dependencies=[needs("attendance:read"), READS_OWN])
async def list_all(
    uow: Work, pages: Pages, child_id: Id = None, provider_id: Id = None, week: dt.date | None = None
) -> Page[AttendanceView]:
    """Weeks of attendance, newest first."""
    filters: dict[str, Any] = {
        "child_id": None if child_id is None else parse_public_id("child", child_id, field="child_id"),
        "provider_id": None if provider_id is None else parse_public_id("prov", provider_id, field="provider_id"),
        "week": week,
    }
    rows = await queries.list_attendance(uow, after=pages.after, limit=pages.fetch, filters=filters)
    return pages.page(rows, attendance_view, lambda row: row["id"])


@routes.get("/{attendance_id}", dependencies=[needs("attendance:read"), READS_OWN])
async def get(attendance_id: str, uow: Work) -> AttendanceView:
    """One week."""
    return attendance_view(await queries.get(uow, parse_public_id("att", attendance_id, field="attendance_id")))
