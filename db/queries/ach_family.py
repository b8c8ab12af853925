"""A debit and its children, the refunds and the void: reading them, and locking them in one order."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select

from db.queries.ach import get_transaction
from db.tables.ach import ach_transaction
from db.tables.case_file import case_file
from db.unit_of_work import UnitOfWork
from domain.ach import AchState

WITHOUT_EFFECT = (AchState.DECLINED, AchState.NOT_FOUND, AchState.CANCELED)
"""A void in one of these states did not happen."""

GAVE_NOTHING_BACK = (*WITHOUT_EFFECT, AchState.RETURNED)
"""A refund in one of these states takes nothing of its debit: one that came back may be made again."""


async def lock_entry(uow: UnitOfWork, transaction_id: UUID) -> RowMapping:
    """An entry, locked; its original first: whoever changes a family holds the original's row."""
    seen = await get_transaction(uow, transaction_id)
    if seen["parent_transaction_id"] is not None:
        await get_transaction(uow, seen["parent_transaction_id"], lock=True)
    return await get_transaction(uow, transaction_id, lock=True)


async def refunded(uow: UnitOfWork, debit_id: UUID) -> int:
    """What was, or is being, refunded of a debit, in minor units."""
    total = await uow.connection.execute(
        select(func.coalesce(func.sum(ach_transaction.c.amount), 0)).where(
            ach_transaction.c.parent_transaction_id == debit_id,
            ach_transaction.c.type == "REFUND",
            ach_transaction.c.ach_state.not_in(GAVE_NOTHING_BACK),
        )
    )
    return int(total.scalar_one())


async def live_void(uow: UnitOfWork, debit_id: UUID) -> RowMapping | None:
    """The void of a debit that was taken, is under way, or is in doubt."""
    return await uow.one_or_none(
        select(ach_transaction).where(
            ach_transaction.c.parent_transaction_id == debit_id,
            ach_transaction.c.type == "VOID",
            ach_transaction.c.ach_state.not_in(WITHOUT_EFFECT),
        )
    )


async def lock_pending_children(uow: UnitOfWork, debit_id: UUID) -> list[RowMapping]:
    """Refunds and voids of a debit without an outcome, locked. The debit must be locked."""
    return await uow.all(
        select(ach_transaction)
        .where(
            ach_transaction.c.parent_transaction_id == debit_id,
            ach_transaction.c.ach_state.in_((AchState.CREATED, AchState.SUBMITTING)),
        )
        .order_by(ach_transaction.c.id)
        .with_for_update(key_share=True)
    )


async def return_waits(uow: UnitOfWork, row: Mapping[Any, Any]) -> bool:
    """Whether a return of the entry was received and is not processed yet."""
    waits = await uow.connection.execute(select(func.ach_return_waits(row["auth_guid"], row["tran_nbr"])))
    return bool(waits.scalar_one())


async def has_contradiction(uow: UnitOfWork, debit_id: UUID) -> bool:
    """Whether the gateway's words about the debit contradict one another, and nobody has looked at it yet."""
    found = await uow.connection.execute(
        select(case_file.c.id).where(
            case_file.c.kind == "contradiction",
            case_file.c.subject_kind == "ach-debit",
            case_file.c.subject_id == str(debit_id),
            case_file.c.state == "open",
        )
    )
    return found.first() is not None
