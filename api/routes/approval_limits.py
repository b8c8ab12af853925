"""/v1/approval-limits: how much each operator may approve in any 24 hours."""

from api.auth import Asker, needs
from api.context import Context
from api.router import router
from api.schemas.approval_limit import ApprovalLimits, ApprovalLimitView, NewApprovalLimit, approval_limit_view
from api.unit_of_work import Work
from db.queries import approval_limit as queries
from domain.ids import parse_public_id
from services import approval_limit as service

routes = router("approval-limits")


@routes.get("", dependencies=[needs("reports:read")])
async def list_all(uow: Work, context: Context) -> ApprovalLimits:
    """Every operator's limit and what is used of it, in order of name."""
    default = context.settings.limits.approver_per_day
    return ApprovalLimits(
        data=[
            approval_limit_view(row, await service.used(uow, row["operator_id"]), default=default)
            for row in await queries.listed(uow)
        ]
    )


@routes.put("/{operator_id}", dependencies=[needs("approval_limits:write")])
async def change(
    operator_id: str, body: NewApprovalLimit, uow: Work, context: Context, asker: Asker
) -> ApprovalLimitView:
    """Set another operator's limit. Nobody sets their own."""
    key = parse_public_id("opr", operator_id, field="operator_id")
    row = await service.change(uow, asker, key, body.per_day)
    return approval_limit_view(row, await service.used(uow, key), default=context.settings.limits.approver_per_day)
