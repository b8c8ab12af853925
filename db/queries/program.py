"""Programmes and the money that reached them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select

from db.queries.row import add_row, get_row, list_rows
from db.tables.program import program, program_funding
from db.unit_of_work import UnitOfWork


async def get(uow: UnitOfWork, program_id: UUID, *, lock: bool = False) -> RowMapping:
    """One programme."""
    return await get_row(uow, program, "program", program_id, lock=lock)


async def add(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a programme."""
    return await add_row(uow, program, **values)


async def list_programs(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Programmes, newest first."""
    return await list_rows(uow, program, after=after, limit=limit, filters=filters)


async def every_program(uow: UnitOfWork) -> list[RowMapping]:
    """All programmes that the unit of work sees."""
    return await uow.all(select(program).order_by(program.c.id))


async def time_zones(uow: UnitOfWork) -> list[str]:
    """The zones of all programmes that the unit of work sees."""
    rows = await uow.all(select(program.c.time_zone).distinct().order_by(program.c.time_zone))
    return [row["time_zone"] for row in rows]


async def of_zone(uow: UnitOfWork, time_zone: str) -> list[RowMapping]:
    """The programmes of a zone."""
    return await uow.all(select(program).where(program.c.time_zone == time_zone).order_by(program.c.id))


async def add_funding(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert a funding."""
    return await add_row(uow, program_funding, **values)


async def funding_of(uow: UnitOfWork, program_id: UUID, reference: str) -> RowMapping | None:
    """The funding under this reference."""
    return await uow.one_or_none(
        select(program_funding).where(
            program_funding.c.program_id == program_id, program_funding.c.reference == reference
        )
    )
