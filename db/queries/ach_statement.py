"""Monthly statements: what was debited from a customer under authorizations, by New York months."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Date, RowMapping, cast, func, select

from db.tables.ach import ach_transaction
from db.tables.ach_notice import ach_notice
from db.unit_of_work import UnitOfWork
from domain.ach import CAME_BACK, AchState

TAKEN = (
    AchState.ACCEPTED,
    AchState.ORIGINATED,
    AchState.SETTLED,
    *CAME_BACK,
)
"""States of a debit that the gateway took and that was not voided."""

OF_A_DEATH = ("R14", "R15")
"""Return codes that say that somebody died."""

_MONTH = cast(func.date_trunc("month", func.timezone("America/New_York", ach_transaction.c.processed_at)), Date)


def cause_of(merchant_id: UUID, customer_id: str, month: date) -> str:
    """One statement per merchant, customer and month."""
    return f"{merchant_id}/{month:%Y-%m}/{customer_id}"


async def months_to_state(uow: UnitOfWork, merchant_id: UUID, customer_id: str) -> list[date]:
    """The first days of months with debits that no statement covers yet, the current month included."""
    months = await uow.connection.execute(
        select(_MONTH)
        .where(
            ach_transaction.c.merchant_id == merchant_id,
            ach_transaction.c.customer_id == customer_id,
            ach_transaction.c.authorization_id.is_not(None),
            ach_transaction.c.ach_state.in_(TAKEN),
            _MONTH.not_in(
                select(ach_notice.c.period_on).where(
                    ach_notice.c.kind == "statement",
                    ach_notice.c.merchant_id == merchant_id,
                    ach_notice.c.customer_id == customer_id,
                )
            ),
        )
        .distinct()
        .order_by(_MONTH)
    )
    return list(months.scalars().all())


async def debits_of(uow: UnitOfWork, merchant_id: UUID, customer_id: str, month: date) -> list[RowMapping]:
    """The debits of a month, oldest first."""
    return await uow.all(
        select(ach_transaction)
        .where(
            ach_transaction.c.merchant_id == merchant_id,
            ach_transaction.c.customer_id == customer_id,
            ach_transaction.c.authorization_id.is_not(None),
            ach_transaction.c.ach_state.in_(TAKEN),
            _MONTH.in_((month,)),
        )
        .order_by(ach_transaction.c.processed_at, ach_transaction.c.id)
    )


async def without_receipt(uow: UnitOfWork, authorization_id: UUID) -> list[RowMapping]:
    """Debits under an authorization that were taken and have no receipt, oldest first."""
    return await uow.all(
        select(ach_transaction)
        .where(
            ach_transaction.c.authorization_id == authorization_id,
            ach_transaction.c.ach_state.in_(TAKEN),
            ~_told("receipt"),
        )
        .order_by(ach_transaction.c.id)
    )


async def without_return_notice(uow: UnitOfWork, authorization_id: UUID) -> list[RowMapping]:
    """Debits under an authorization that came back, and of which the customer was not told, oldest first."""
    return await uow.all(
        select(ach_transaction)
        .where(
            ach_transaction.c.authorization_id == authorization_id,
            ach_transaction.c.ach_state.in_(CAME_BACK),
            ach_transaction.c.return_code.not_in(OF_A_DEATH),
            ~_told("returned"),
        )
        .order_by(ach_transaction.c.id)
    )


def _told(kind: str) -> ColumnElement[bool]:
    """Whether a notice of this kind is about the debit."""
    return (
        select(ach_notice.c.id)
        .where(ach_notice.c.transaction_id == ach_transaction.c.id, ach_notice.c.kind == kind)
        .exists()
    )
