"""Weekly attendance as families and providers enter it; until it is there, no more is paid (reference, section 4)."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from db.flows.base import FlowSteps
from db.queries import attendance as queries
from db.queries import family, program, provider, provider_payment
from db.unit_of_work import UnitOfWork
from domain.attendance import Missing, Side, require_days_of_week, require_week
from domain.childcare_party import Party, require_own
from domain.errors import NotFound


async def enter(
    uow: UnitOfWork,
    flows: Mapping[str, FlowSteps],
    side: Side,
    child_id: UUID,
    provider_id: UUID,
    week: date,
    full_days: int,
    half_days: int,
    *,
    party: Party | None = None,
) -> RowMapping:
    """Enter one side's days of a week; entering them again corrects them. Payments that waited for it go on."""
    zone = await _zone(uow, side, child_id, provider_id, party)
    now = await uow.business_now()
    require_week(week, now.astimezone(ZoneInfo(zone)).date())
    require_days_of_week(full_days, half_days)
    row = await queries.of_week(uow, child_id, provider_id, week)
    values = {f"{side}_full_days": full_days, f"{side}_half_days": half_days}
    if any(row[name] != value for name, value in values.items()):
        await queries.change(uow, row["id"], **values, **{f"{side}_entered_at": now})
        await uow.audit("attendance.entered", "attendance", row["id"], {"week": week.isoformat(), **values})
        await _go_on(uow, flows, child_id, provider_id, zone)
    return await queries.get(uow, row["id"])


async def overdue(uow: UnitOfWork, child_id: UUID, *, party: Party | None = None) -> dict[UUID, list[Missing]]:
    """What must be entered before more is paid for this child, by provider; a provider is told of its own weeks."""
    child = await family.get_child(uow, child_id)
    if party is not None and party.kind == "provider" and not await provider.cares_for(uow, party.id, child_id):
        raise NotFound("child")
    owner = await program.get(uow, child["program_id"])
    providers = await queries.paid_providers(uow, child_id)
    return {one: await queries.overdue(uow, child_id, one, owner["time_zone"]) for one in providers}


async def _zone(uow: UnitOfWork, side: Side, child_id: UUID, provider_id: UUID, party: Party | None) -> str:
    """The programme's zone. Each side enters for itself only."""
    child = await family.get_child(uow, child_id)
    await provider.get(uow, provider_id)
    if side == "family":
        require_own(party, {"family_id": child["family_id"]}, "child")
    else:
        require_own(party, {"provider_id": provider_id}, "provider")
    if party is not None and not await provider.cares_for(uow, provider_id, child_id):
        raise NotFound("child" if side == "provider" else "provider")
    owner = await program.get(uow, child["program_id"])
    return str(owner["time_zone"])


async def _go_on(uow: UnitOfWork, flows: Mapping[str, FlowSteps], child_id: UUID, provider_id: UUID, zone: str) -> None:
    if await queries.overdue(uow, child_id, provider_id, zone):
        return
    flow = flows[provider_payment.FLOW]
    for payment in await provider_payment.stopped_for(uow, child_id, provider_id, "attendance_overdue"):
        await flow.command(uow, payment, "retry", {})
        await uow.wake_workflow(flow.run(await flow.read(uow, payment["id"])))
