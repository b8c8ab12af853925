"""What flows' routes share: the inside of a flow, its links, and operators' commands."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api.context import ApiContext
from api.schemas.flow import FlowDetail, Links, flow_detail
from db.queries import flow_view
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun


async def detail_of(uow: UnitOfWork, flow: str, flow_id: UUID) -> FlowDetail | None:
    """Money calls, ledger lines, timeline and cases; nothing for a family or provider: they tell of others' wallets."""
    if uow.party is not None:
        return None
    calls = await money_calls.of_flow(uow, flow, flow_id)
    return flow_detail(
        calls,
        await flow_view.ledger_lines(uow, flow, flow_id, [call["id"] for call in calls]),
        await flow_view.timeline(uow, flow, flow_id),
        await flow_view.cases(uow, flow, flow_id),
        waiting_for="wallet" if await flow_view.waits_for_wallet(uow, flow, flow_id) else None,
    )


def links_of(context: ApiContext, run: WorkflowRun) -> Links:
    """The resource itself and its runs: one that ended or was terminated may have been followed by others."""
    return Links(
        self=run.path,
        run=context.run_url(run.workflow_id),
        runs=context.runs_url(run.search_attributes["Subject"]),
    )


def asked(body: Any) -> Mapping[str, Any]:
    """A command's body as the flow takes it."""
    found: Mapping[str, Any] = body.model_dump(mode="json", exclude_none=True)
    return found
