"""The periods of recurring authorizations, and the debits that were made under an authorization."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.tables.ach import ach_transaction
from db.tables.ach_authorization import ach_authorization_period
from db.unit_of_work import UnitOfWork
from domain.ach import AchState

PENDING = (AchState.CREATED, AchState.SUBMITTING)
WITHOUT_EFFECT = (AchState.DECLINED, AchState.NOT_FOUND, AchState.CANCELED)


async def plan(uow: UnitOfWork, authorization_id: UUID, period_on: date, charge_on: date, amount: int) -> None:
    """Plan a period; one that stands already stays as it is."""
    await uow.connection.execute(
        insert(ach_authorization_period)
        .values(
            authorization_id=authorization_id,
            organization_id=uow.organization_id,
            period_on=period_on,
            charge_on=charge_on,
            amount=amount,
        )
        .on_conflict_do_nothing()
    )


async def change(uow: UnitOfWork, authorization_id: UUID, period_on: date, state: str, **values: Any) -> None:
    """Change a period; the authorization must be locked."""
    await uow.connection.execute(
        update(ach_authorization_period)
        .where(
            ach_authorization_period.c.authorization_id == authorization_id,
            ach_authorization_period.c.period_on == period_on,
        )
        .values(state=state, **values)
    )
    said = {"period_on": period_on, **values}
    await uow.audit(f"ach_authorization.period_{state}", "ach-authorization", authorization_id, said)
    await uow.tell(f"ach_authorization.period_{state}", "ach-authorization", authorization_id, said)


async def get(uow: UnitOfWork, authorization_id: UUID, period_on: date) -> RowMapping | None:
    """One period, if it is planned."""
    return await uow.one_or_none(
        select(ach_authorization_period).where(
            ach_authorization_period.c.authorization_id == authorization_id,
            ach_authorization_period.c.period_on == period_on,
        )
    )


async def in_states(uow: UnitOfWork, authorization_id: UUID, states: Sequence[str]) -> list[RowMapping]:
    """The periods in these states, earliest first."""
    return await uow.all(
        select(ach_authorization_period)
        .where(
            ach_authorization_period.c.authorization_id == authorization_id,
            ach_authorization_period.c.state.in_(states),
        )
        .order_by(ach_authorization_period.c.period_on)
    )


async def latest(uow: UnitOfWork, authorization_id: UUID, limit: int) -> list[RowMapping]:
    """The last planned periods, newest first."""
    return await uow.all(
        select(ach_authorization_period)
        .where(ach_authorization_period.c.authorization_id == authorization_id)
        .order_by(ach_authorization_period.c.period_on.desc())
        .limit(limit)
    )


async def due_on(uow: UnitOfWork, authorization_id: UUID, day: date) -> list[date]:
    """The dates of the planned periods, whatever became of them, that were to be charged by a day."""
    rows = await uow.all(
        select(ach_authorization_period.c.period_on).where(
            ach_authorization_period.c.authorization_id == authorization_id,
            ach_authorization_period.c.charge_on <= day,
        )
    )
    return [row["period_on"] for row in rows]


async def last_charge_on(uow: UnitOfWork, authorization_id: UUID) -> date | None:
    """The charge date of the last planned period."""
    found: date | None = (
        await uow.connection.execute(
            select(func.max(ach_authorization_period.c.charge_on)).where(
                ach_authorization_period.c.authorization_id == authorization_id
            )
        )
    ).scalar_one()
    return found


async def failed_charges(uow: UnitOfWork, authorization_id: UUID) -> list[RowMapping]:
    """Periods that count as charged although their debit certainly did not happen, with the debit's answer."""
    period = ach_authorization_period.c
    return await uow.all(
        select(
            period.period_on,
            period.transaction_id,
            ach_transaction.c.ach_state,
            ach_transaction.c.code,
            ach_transaction.c.message,
        )
        .join(ach_transaction, ach_transaction.c.id == period.transaction_id)
        .where(
            period.authorization_id == authorization_id,
            period.state == "charged",
            ach_transaction.c.ach_state.in_(WITHOUT_EFFECT),
        )
        .order_by(period.period_on)
    )


async def live_debits(uow: UnitOfWork, authorization_id: UUID) -> list[RowMapping]:
    """The debits under an authorization that were taken, or may still be: their period and state, oldest first."""
    return await uow.all(
        select(ach_transaction.c.id, ach_transaction.c.period_on, ach_transaction.c.ach_state)
        .where(
            ach_transaction.c.authorization_id == authorization_id,
            ach_transaction.c.type == "DEBIT",
            ach_transaction.c.retry_of.is_(None),
            ach_transaction.c.ach_state.not_in(WITHOUT_EFFECT),
        )
        .order_by(ach_transaction.c.id)
    )


async def lock_pending_debits(uow: UnitOfWork, authorization_id: UUID) -> list[RowMapping]:
    """The debits without an outcome, locked; one that somebody else is just handing over is left out."""
    return await uow.all(
        select(ach_transaction)
        .where(ach_transaction.c.authorization_id == authorization_id, ach_transaction.c.ach_state.in_(PENDING))
        .order_by(ach_transaction.c.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
