"""Month allocations as they are asked for (seed 004, section 1)."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows import allocation_submit
from db.flows.base import FlowSteps
from db.unit_of_work import UnitOfWork
from domain.money import Money


async def allocate(
    uow: UnitOfWork, flows: Mapping[str, FlowSteps], child_id: UUID, month: date, money: Money | None
) -> tuple[RowMapping, bool]:
    """Give a child its budget for a month and have it funded. The same again is the same allocation: (row, False)."""
    return await allocation_submit.allocate(uow, flows, child_id, month, money)
