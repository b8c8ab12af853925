"""Entries that have not gone out yet."""

from uuid import UUID

from sqlalchemy import RowMapping, select

from db.tables.ach import ach_transaction
from db.unit_of_work import UnitOfWork
from domain.ach import AchState


async def waiting_entries(uow: UnitOfWork, account_id: UUID) -> list[RowMapping]:
    """An account's entries that are to be handed to the gateway, or about to be, oldest first."""
    return await uow.all(
        select(ach_transaction)
        .where(
            ach_transaction.c.account_id == account_id,
            ach_transaction.c.ach_state.in_((AchState.CREATED, AchState.SUBMITTING)),
        )
        .order_by(ach_transaction.c.id)
    )
