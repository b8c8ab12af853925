"""An operator's command on a flow: carried out on its rows, then the workflow is woken (or goes on anew)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.flows.base import FlowRow, FlowSteps
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from domain.errors import StateConflict
from domain.principal import Principal


async def command(
    uow: UnitOfWork, flow: FlowSteps, asker: Principal, flow_id: UUID, name: str, arguments: Mapping[str, Any]
) -> FlowRow:
    """Carry it out, or raise StateConflict with the reason. Returns the row as it stands afterwards."""
    asker.require("operations:write")
    row = await flow.lock(uow, flow_id)
    if name not in flow.commands:
        raise StateConflict("not_offered", f"{flow.flow} has no {name}.")
    await uow.audit(f"flow.{name}_asked", flow.flow, flow_id, {**arguments, "verified": True})
    await flow.command(uow, row, name, arguments)
    row = await flow.read(uow, flow_id)
    await uow.wake_workflow(flow.run(row))
    return row


async def doubt_of(uow: UnitOfWork, flow: str, flow_id: UUID) -> str | None:
    """`submitting` or `unknown` while a money call of the flow is on its way or in doubt; None when none is."""
    states = {row["state"] for row in await money_calls.of_flow(uow, flow, flow_id)}
    if states & {"unknown", "needs_person"}:
        return "unknown"
    return "submitting" if states & {"recorded", "sending"} else None
