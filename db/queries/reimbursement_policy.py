"""What an organization asks of its reports."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from db.tables.reimbursement_policy import reimbursement_policy
from db.unit_of_work import UnitOfWork
from domain.ids import new_id
from domain.report_policy import ReportPolicy

_OF_POLICY = tuple(ReportPolicy.__dataclass_fields__)


async def read(uow: UnitOfWork) -> ReportPolicy:
    """The policy as it stands."""
    row = await uow.one_or_none(select(reimbursement_policy))
    return ReportPolicy() if row is None else ReportPolicy(**{name: row[name] for name in _OF_POLICY})


async def held(uow: UnitOfWork) -> ReportPolicy:
    """The policy, which does not change until this transaction ends: a freeze comes before a decision or after it."""
    await _make(uow)
    await uow.connection.execute(select(reimbursement_policy.c.id).with_for_update(read=True))
    return await read(uow)


async def change(uow: UnitOfWork, **values: Any) -> ReportPolicy:
    """Change it and say so, with what it was before."""
    await _make(uow)
    await uow.connection.execute(select(reimbursement_policy.c.id).with_for_update())
    before = await read(uow)
    now = await uow.business_now()
    await uow.connection.execute(
        update(reimbursement_policy)
        .where(reimbursement_policy.c.organization_id == uow.organization_id)
        .values(**values, changed_at=now)
    )
    detail = {name: {"from": getattr(before, name), "to": value} for name, value in values.items()}
    await uow.audit("reimbursement_policy.changed", "organization", uow.organization_id, detail)
    return await read(uow)


async def _make(uow: UnitOfWork) -> None:
    await uow.connection.execute(
        upsert(reimbursement_policy)
        .values(id=new_id(), organization_id=uow.organization_id)
        .on_conflict_do_nothing(index_elements=["organization_id"])
    )
