"""Cases: reading them, and closing one by hand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, RowMapping, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.case_file import case_file
from db.tables.organization import organization
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound, StateConflict

AGE = cast(
    func.extract("epoch", func.coalesce(case_file.c.closed_at, func.clock_timestamp()) - case_file.c.opened_at),
    BigInteger,
).label("age_seconds")
"""How long a case has been open, or was."""


async def get(uow: UnitOfWork, case_id: UUID) -> RowMapping:
    """One case; raises NotFound."""
    found = await uow.one_or_none(select(case_file, AGE).where(case_file.c.id == case_id))
    if found is None:
        raise NotFound("case")
    return found


async def page(uow: UnitOfWork, *, after: UUID | None, limit: int, state: str | None) -> list[RowMapping]:
    """Cases, newest first."""
    statement = select(case_file, AGE).order_by(case_file.c.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(case_file.c.id < after)
    if state is not None:
        statement = statement.where(case_file.c.state == state)
    return await uow.all(statement)


async def open_everywhere(uow: UnitOfWork, *, house_only: bool) -> list[RowMapping]:
    """Open cases of all organizations with the organization's name, oldest first; of the house, the name is null."""
    statement = (
        select(case_file, AGE, organization.c.name.label("organization"))
        .outerjoin_from(case_file, organization, organization.c.id == case_file.c.organization_id)
        .where(case_file.c.state == "open")
        .order_by(case_file.c.id)
    )
    if house_only:
        statement = statement.where(case_file.c.organization_id.is_(None))
    return await uow.all(statement)


async def is_open(uow: UnitOfWork, kind: str, subject_kind: str, subject_id: object) -> bool:
    """Whether a person has this before them already."""
    statement = select(case_file.c.id).where(
        case_file.c.kind == kind,
        case_file.c.subject_kind == subject_kind,
        case_file.c.subject_id == str(subject_id),
        case_file.c.state == "open",
    )
    return await uow.one_or_none(statement) is not None


async def was_shown(
    uow: UnitOfWork, kind: str, subject_kind: str, subject_id: object, evidence: Mapping[str, Any]
) -> bool:
    """Whether a person has, or had, a case with this very evidence before them."""
    statement = select(case_file.c.id).where(
        case_file.c.kind == kind,
        case_file.c.subject_kind == subject_kind,
        case_file.c.subject_id == str(subject_id),
        case_file.c.evidence.contains([dict(evidence)]),
    )
    return await uow.one_or_none(statement.limit(1)) is not None


async def open_of_the_house_once(
    uow: UnitOfWork, kind: str, subject_kind: str, subject_id: str, summary: str, evidence: Mapping[str, Any]
) -> bool:
    """A case of no organization, unless there is or was one for this subject. `uow` crosses organizations."""
    standing = select(case_file.c.id).where(
        case_file.c.organization_id.is_(None),
        case_file.c.kind == kind,
        case_file.c.subject_kind == subject_kind,
        case_file.c.subject_id == subject_id,
    )
    if await uow.one_or_none(standing.limit(1)) is not None:
        return False
    await uow.connection.execute(
        select(func.open_case(None, kind, subject_kind, subject_id, summary, cast(dict(evidence), JSONB)))
    )
    await uow.audit("case.opened", subject_kind, subject_id, {"kind": kind, "summary": summary})
    return True


async def answer(uow: UnitOfWork, kind: str, subject_kind: str, subject_id: object, resolution: str) -> None:
    """Close what an event has answered by itself, if it is open."""
    await uow.connection.execute(
        update(case_file)
        .where(
            case_file.c.kind == kind,
            case_file.c.subject_kind == subject_kind,
            case_file.c.subject_id == str(subject_id),
            case_file.c.state == "open",
        )
        .values(state="closed", closed_at=func.clock_timestamp(), resolution=resolution)
    )


async def close(uow: UnitOfWork, case_id: UUID, operator_id: UUID | None, resolution: str) -> RowMapping:
    """Close an open case with what was done about it; a case of the house is closed by no operator."""
    closed = await uow.connection.execute(
        update(case_file)
        .where(case_file.c.id == case_id, case_file.c.state == "open")
        .values(state="closed", closed_at=func.clock_timestamp(), closed_by=operator_id, resolution=resolution)
        .returning(case_file, AGE)
    )
    row: RowMapping | None = closed.mappings().one_or_none()
    if row is None:
        found = await get(uow, case_id)
        raise StateConflict("case_closed", f"The case is {found['state']} already.")
    await uow.audit(
        "case.closed", row["subject_kind"], row["subject_id"], {"kind": row["kind"], "resolution": resolution}
    )
    return row
