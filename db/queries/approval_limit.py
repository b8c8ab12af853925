"""How much each operator may approve in 24 hours, and how much of it is used."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables.approval_limit import approval_limit
from db.tables.organization import operator
from db.tables.report import report
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound
from domain.ids import new_id


async def locked(uow: UnitOfWork, operator_id: UUID) -> RowMapping:
    """An operator's row, made when it is missing and locked: their approvals are counted one after the other."""
    await uow.connection.execute(
        upsert(approval_limit)
        .values(id=new_id(), organization_id=uow.organization_id, operator_id=operator_id)
        .on_conflict_do_nothing(index_elements=["organization_id", "operator_id"])
    )
    row = await uow.one_or_none(
        select(approval_limit).where(approval_limit.c.operator_id == operator_id).with_for_update()
    )
    if row is None:
        raise NotFound("operator")
    return row


async def used(uow: UnitOfWork, operator_id: UUID, since: datetime) -> int:
    """What the operator approved after this instant, in minor units; what was cancelled later counts too."""
    total = await uow.connection.execute(
        select(func.coalesce(func.sum(report.c.approved_amount), 0)).where(
            report.c.approved_by == operator_id, report.c.reimbursement_approved_at > since
        )
    )
    return int(total.scalar_one())


async def change(uow: UnitOfWork, row: RowMapping, per_day: int | None, set_by: UUID) -> None:
    """Set the limit of a locked row and say so, with what it was before."""
    now = await uow.business_now()
    await uow.connection.execute(
        update(approval_limit)
        .where(approval_limit.c.id == row["id"])
        .values(per_day=per_day, set_by=set_by, changed_at=now)
    )
    detail = {"per_day": {"from": row["per_day"], "to": per_day}}
    await uow.audit("approval_limit.changed", "operator", row["operator_id"], detail)


async def listed(uow: UnitOfWork, operator_ids: Sequence[UUID] | None = None) -> list[RowMapping]:
    """`operator_id`, `name`, `per_day` and `changed_at` of these operators, or all, in order of name."""
    statement = (
        select(
            operator.c.id.label("operator_id"), operator.c.name, approval_limit.c.per_day, approval_limit.c.changed_at
        )
        .join(approval_limit, and_(approval_limit.c.operator_id == operator.c.id), isouter=True)
        .order_by(operator.c.name, operator.c.id)
    )
    return await uow.all(statement if operator_ids is None else statement.where(operator.c.id.in_(operator_ids)))
