"""Onboardings at Chek."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update

from db.queries.row import add_row, get_row, list_rows
from db.tables.onboarding import onboarding
from db.unit_of_work import UnitOfWork

FLOW = "onboarding"
_UNTOLD = ("person", "fingerprint")


async def get(uow: UnitOfWork, onboarding_id: UUID, *, lock: bool = False) -> RowMapping:
    """One onboarding."""
    return await get_row(uow, onboarding, "onboarding", onboarding_id, lock=lock)


async def add(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert an onboarding. IntegrityError where one of the same person is open."""
    return await add_row(uow, onboarding, **values)


async def open_of(uow: UnitOfWork, kind: str, person_id: UUID) -> RowMapping | None:
    """The open onboarding of a family or a provider."""
    column = onboarding.c[f"{kind}_id"]
    return await uow.one_or_none(select(onboarding).where(column == person_id, onboarding.c.ended_at.is_(None)))


async def change(uow: UnitOfWork, onboarding_id: UUID, action: str, **values: Any) -> None:
    """Change an onboarding, and say so in the audit trail and to the organization; never who the person is."""
    await uow.connection.execute(update(onboarding).where(onboarding.c.id == onboarding_id).values(**values))
    known = {name: value for name, value in values.items() if name not in _UNTOLD}
    await uow.audit(f"onboarding.{action}", FLOW, onboarding_id, known)
    told = {name: known[name] for name in ("state", "code", "must_act") if known.get(name) is not None}
    await uow.tell(f"onboarding.{action}", FLOW, onboarding_id, told)


async def list_onboardings(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Onboardings, newest first."""
    return await list_rows(uow, onboarding, after=after, limit=limit, filters=filters)
