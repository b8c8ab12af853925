"""Provider payments: intents, their items and attempts, and the payments that were made."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, or_, select, update

from db.queries.row import add_row, get_row, list_rows
from db.tables.payment_intent import payment_attempt, payment_intent, payment_intent_item, provider_payment
from db.unit_of_work import UnitOfWork
from domain.ids import new_id

FLOW = "provider-payment"


async def get(uow: UnitOfWork, intent_id: UUID, *, lock: bool = False) -> RowMapping:
    """One payment, as its intent stands."""
    return await get_row(uow, payment_intent, "provider payment", intent_id, lock=lock)


async def add(uow: UnitOfWork, items: Iterable[dict[str, Any]], **values: Any) -> RowMapping:
    """Insert an intent with its items (`care_day_id` or `lump_sum_id`, and `amount_cents`)."""
    intent = await add_row(uow, payment_intent, **values)
    for item in items:
        await add_row(uow, payment_intent_item, id=new_id(), payment_intent_id=intent["id"], **item)
    return intent


async def change(uow: UnitOfWork, intent_id: UUID, action: str, **values: Any) -> None:
    """Change an intent, and say so in the audit trail and to the organization."""
    await uow.connection.execute(update(payment_intent).where(payment_intent.c.id == intent_id).values(**values))
    await uow.audit(f"provider_payment.{action}", FLOW, intent_id, values)
    told = {name: values[name] for name in ("state", "method", "code", "must_act") if values.get(name) is not None}
    await uow.tell(f"provider_payment.{action}", FLOW, intent_id, told)


async def items(uow: UnitOfWork, intent_id: UUID) -> list[RowMapping]:
    """What is paid."""
    return await uow.all(
        select(payment_intent_item)
        .where(payment_intent_item.c.payment_intent_id == intent_id)
        .order_by(payment_intent_item.c.id)
    )


async def attempts(uow: UnitOfWork, intent_id: UUID) -> list[RowMapping]:
    """Every attempt, in order."""
    return await uow.all(
        select(payment_attempt)
        .where(payment_attempt.c.payment_intent_id == intent_id)
        .order_by(payment_attempt.c.number)
    )


async def open_attempt(uow: UnitOfWork, intent_id: UUID) -> RowMapping | None:
    """The attempt under way."""
    return await uow.one_or_none(
        select(payment_attempt).where(
            payment_attempt.c.payment_intent_id == intent_id, payment_attempt.c.state == "open"
        )
    )


async def begin_attempt(uow: UnitOfWork, intent_id: UUID, **values: Any) -> RowMapping:
    """Insert the next attempt."""
    number = select(func.count() + 1).where(payment_attempt.c.payment_intent_id == intent_id).scalar_subquery()
    return await add_row(uow, payment_attempt, id=new_id(), payment_intent_id=intent_id, number=number, **values)


async def change_attempt(uow: UnitOfWork, intent_id: UUID, **values: Any) -> None:
    """Change the attempt under way."""
    await uow.connection.execute(
        update(payment_attempt)
        .where(payment_attempt.c.payment_intent_id == intent_id, payment_attempt.c.state == "open")
        .values(**values)
    )


async def add_payment(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert the payment itself; the database refuses it at commit unless its payout was applied."""
    return await add_row(uow, provider_payment, id=new_id(), **values)


async def payment_of(uow: UnitOfWork, intent_id: UUID) -> RowMapping | None:
    """The payment that an intent came to."""
    return await uow.one_or_none(select(provider_payment).where(provider_payment.c.payment_intent_id == intent_id))


async def stopped_by_method(uow: UnitOfWork, provider_id: UUID) -> list[RowMapping]:
    """The provider's payments that stopped at the payout, or before any money moved for want of a method; locked."""
    without_method = payment_intent.c.code.in_(("method_missing", "method_inactive"))
    return await uow.all(
        select(payment_intent)
        .where(
            payment_intent.c.provider_id == provider_id,
            or_(
                payment_intent.c.state == "payout_stopped",
                (payment_intent.c.state == "funding_stopped") & without_method,
            ),
        )
        .order_by(payment_intent.c.id)
        .with_for_update(key_share=True)
    )


async def stopped_for(uow: UnitOfWork, child_id: UUID, provider_id: UUID, code: str) -> list[RowMapping]:
    """The payments of a child to a provider that stopped, for this reason, before any money moved; locked."""
    return await uow.all(
        select(payment_intent)
        .where(
            payment_intent.c.child_id == child_id,
            payment_intent.c.provider_id == provider_id,
            payment_intent.c.state == "funding_stopped",
            payment_intent.c.code == code,
        )
        .order_by(payment_intent.c.id)
        .with_for_update(key_share=True)
    )


async def list_payments(
    uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]
) -> list[RowMapping]:
    """Payments, newest first."""
    return await list_rows(uow, payment_intent, after=after, limit=limit, filters=filters)
