"""Closing a case by hand: what it kept from going on goes on."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowSteps
from db.queries import case_file as queries
from db.unit_of_work import UnitOfWork
from domain.principal import Principal

BLOCKING = frozenset({"contradiction", "books_differ"})
"""Kinds of case that money steps wait for."""


async def close(
    uow: UnitOfWork, flows: Mapping[str, FlowSteps], asker: Principal, case_id: UUID, resolution: str
) -> RowMapping:
    """Close it with what was done about it, and have the flow that it blocked look again."""
    row = await queries.close(uow, case_id, asker.operator_id, resolution)
    flow = flows.get(row["subject_kind"])
    if flow is not None and row["kind"] in BLOCKING:
        await uow.wake_workflow(flow.run(await flow.read(uow, UUID(row["subject_id"]))))
    return row
