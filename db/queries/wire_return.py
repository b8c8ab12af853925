"""Wires that came back: one per attempt, told anew until it is confirmed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from db.tables.deposit import deposit
from db.tables.wire_return import wire_return
from db.unit_of_work import UnitOfWork
from domain.ids import new_id


async def of_attempt(uow: UnitOfWork, attempt_id: UUID) -> RowMapping | None:
    """What was told of an attempt."""
    return await uow.one_or_none(select(wire_return).where(wire_return.c.attempt_id == attempt_id))


async def line_is_booked(uow: UnitOfWork, attempt_id: UUID, bank_reference: str) -> bool:
    """Whether this line of the bank is a deposit, or another wire's return, of the organization."""
    statement = select(literal(1)).where(
        or_(
            select(deposit.c.id).where(deposit.c.bank_reference == bank_reference).exists(),
            select(wire_return.c.id)
            .where(wire_return.c.bank_reference == bank_reference, wire_return.c.attempt_id != attempt_id)
            .exists(),
        )
    )
    return await uow.one_or_none(statement) is not None


async def propose(uow: UnitOfWork, report_id: UUID, attempt_id: UUID, values: Mapping[str, Any]) -> None:
    """Write it, instead of what was told before. The report's lock covers it."""
    await uow.connection.execute(
        insert(wire_return)
        .values(id=new_id(), organization_id=uow.organization_id, report_id=report_id, attempt_id=attempt_id, **values)
        .on_conflict_do_update(index_elements=["attempt_id"], set_=dict(values))
    )


async def confirm(uow: UnitOfWork, row: Mapping[Any, Any], operator_id: UUID) -> None:
    """Another operator saw it too."""
    await uow.connection.execute(
        update(wire_return)
        .where(wire_return.c.id == row["id"])
        .values(confirmed_by=operator_id, confirmed_at=await uow.business_now())
    )
