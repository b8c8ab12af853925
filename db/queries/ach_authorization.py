"""Reading and writing authorizations; every change is also a row of the authorization's own history."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text, update

from db.flows.base import FlowRow
from db.queries.row import get_row, list_rows
from db.tables.ach_authorization import ach_authorization, ach_authorization_change
from db.unit_of_work import UnitOfWork
from db.workflow_run import WorkflowRun
from domain.authorization import ENDED, retain_until
from domain.ids import new_id, public_id

FLOW = "ach-authorization"


def email_context(authorization_id: object) -> str:
    """What an authorization's sealed e-mail address is bound to."""
    return f"ach_authorization/{authorization_id}/customer_email"


def run_of(row: FlowRow) -> WorkflowRun:
    """`ach-authorization/<id>`: one entity workflow per authorization."""
    organization = row["organization_id"]
    shown = public_id("auth", row["id"])
    return WorkflowRun(
        workflow=FLOW,
        workflow_id=f"{FLOW}/{row['id']}",
        restart_id=f"{FLOW}/{row['id']}/again",
        argument={"organization_id": str(organization), "id": str(row["id"])},
        search_attributes={
            "Organization": public_id("org", organization),
            "Flow": FLOW,
            "Subject": shown,
            "Payee": row["customer_id"],
            "State": row["state"],
        },
        summary=f"ACH authorization, {row['frequency'] or 'once'}",
        path=f"/v1/ach-authorizations/{shown}",
    )


async def get(uow: UnitOfWork, authorization_id: UUID, *, lock: bool = False) -> RowMapping:
    """One authorization; locked, no debit can be made under it meanwhile. Raises NotFound."""
    return await get_row(uow, ach_authorization, "ACH authorization", authorization_id, lock=lock)


async def page(uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]) -> list[RowMapping]:
    """Authorizations, newest first."""
    return await list_rows(uow, ach_authorization, after=after, limit=limit, filters=filters)


async def add(uow: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Insert an authorization and the first row of its history."""
    await uow.connection.execute(insert(ach_authorization).values(organization_id=uow.organization_id, **values))
    await _remember(uow, values["id"], "created", "", {"amount": values["amount"], "frequency": values["frequency"]})


async def change(uow: UnitOfWork, authorization_id: UUID, action: str, reason: str = "", **values: Any) -> None:
    """Change a locked authorization and say so in its history, the audit trail and to the organization."""
    await uow.connection.execute(
        update(ach_authorization).where(ach_authorization.c.id == authorization_id).values(**values)
    )
    await _remember(uow, authorization_id, action, reason, values)


async def end(
    uow: UnitOfWork, row: FlowRow, state: str, reason: str, *, code: str, must_act: str | None = None
) -> None:
    """End a locked authorization for good; its records are kept for five years from this day."""
    now = await uow.business_now()
    await change(
        uow,
        row["id"],
        state,
        reason,
        state=state,
        code=code,
        message=reason,
        must_act=must_act,
        next_amount=None,
        next_amount_from=None,
        ended_at=now,
        retain_until=retain_until(now),
    )


async def revoke(uow: UnitOfWork, authorization_id: UUID, reason: str) -> bool:
    """The customer, or their bank, took it back: no debit is made under it from here on. False when it had ended.

    May be called by whoever has locked an entry or an account, never while a merchant is locked.
    """
    row = await get(uow, authorization_id, lock=True)
    if row["state"] in ENDED:
        return False
    await end(uow, row, "revoked", reason, code="authorization_revoked", must_act="payee")
    await uow.wake_workflow(run_of(row))
    return True


async def planned_up_to(uow: UnitOfWork, authorization_id: UUID, next_period: int) -> None:
    """Remember which period is to be planned next (no event: the periods themselves are to be seen)."""
    await uow.connection.execute(
        update(ach_authorization).where(ach_authorization.c.id == authorization_id).values(next_period=next_period)
    )


async def take_next_amount(uow: UnitOfWork, row: FlowRow) -> None:
    """The announced amount is the amount from here on."""
    amount = row["next_amount"]
    await change(uow, row["id"], "amount_changed", amount=amount, next_amount=None, next_amount_from=None)


async def history(uow: UnitOfWork, authorization_id: UUID) -> list[RowMapping]:
    """What was changed, oldest first."""
    return await uow.all(
        select(ach_authorization_change)
        .where(ach_authorization_change.c.authorization_id == authorization_id)
        .order_by(ach_authorization_change.c.id)
    )


async def _remember(
    uow: UnitOfWork, authorization_id: UUID, action: str, reason: str, values: Mapping[str, Any]
) -> None:
    detail = {name: str(value) if isinstance(value, (date, UUID)) else value for name, value in values.items()}
    await uow.connection.execute(
        insert(ach_authorization_change).values(
            id=new_id(),
            organization_id=uow.organization_id,
            authorization_id=authorization_id,
            action=action,
            happened_at=text("business_now()"),
            actor=uow.actor,
            reason=reason,
            detail=detail,
        )
    )
    said = detail | ({"reason": reason} if reason else {})
    await uow.audit(f"ach_authorization.{action}", FLOW, authorization_id, said)
    await uow.tell(f"ach_authorization.{action}", FLOW, authorization_id, said)
