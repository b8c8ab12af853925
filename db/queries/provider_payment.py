"""Provider payments: intents, their items and attempts, and the payments that were made."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, or_, select, update

from db.queries.row import add_row, by, change_row, change_rows, changing, get_row, page_of
from db.tables.family import child
from db.tables.money_call import money_call
from db.tables.payment_intent import payment_attempt, payment_intent, payment_intent_item, provider_payment
from db.tables.provider import provider
from db.unit_of_work import UnitOfWork
from domain.ids import new_id

FLOW = "provider-payment"

OF_METHOD = ("method_missing", "method_inactive")
"""Codes of payments that wait for the provider's bank account or card."""
_ITEMS = by(payment_intent_item, "payment_intent_id").order_by(payment_intent_item.c.id)
_OPEN_ATTEMPT = by(payment_attempt, "payment_intent_id").where(payment_attempt.c.state == "open")
_CHANGING_ATTEMPT = changing(payment_attempt, "payment_intent_id").where(payment_attempt.c.state == "open")


async def get(uow: UnitOfWork, intent_id: UUID, *, lock: bool = False) -> RowMapping:
    """One payment, as its intent stands."""
    return await get_row(uow, payment_intent, "provider payment", intent_id, lock=lock)


async def of_ids(uow: UnitOfWork, intent_ids: Sequence[UUID]) -> list[RowMapping]:
    """These payments, oldest first; missing ones are missing."""
    return await uow.all(
        select(payment_intent).where(payment_intent.c.id.in_(intent_ids)).order_by(payment_intent.c.id)
    )


async def add(uow: UnitOfWork, items: Iterable[dict[str, Any]], **values: Any) -> RowMapping:
    """Insert an intent with its items (`care_day_id` or `lump_sum_id`, and `amount_cents`)."""
    intent = await add_row(uow, payment_intent, **values)
    for item in items:
        await add_row(uow, payment_intent_item, id=new_id(), payment_intent_id=intent["id"], **item)
    return intent


async def change(uow: UnitOfWork, intent_id: UUID, action: str, **values: Any) -> None:
    """Change an intent, and say so in the audit trail and to the organization."""
    await change_row(uow, payment_intent, intent_id, **values)
    await uow.audit(f"provider_payment.{action}", FLOW, intent_id, values)
    told = {name: values[name] for name in ("state", "method", "code", "must_act") if values.get(name) is not None}
    await uow.tell(f"provider_payment.{action}", FLOW, intent_id, told)


async def items(uow: UnitOfWork, intent_id: UUID) -> list[RowMapping]:
    """What is paid."""
    return await uow.all(_ITEMS, payment_intent_id=intent_id)


async def attempts(uow: UnitOfWork, intent_id: UUID) -> list[RowMapping]:
    """Every attempt, in order."""
    return await uow.all(
        select(payment_attempt)
        .where(payment_attempt.c.payment_intent_id == intent_id)
        .order_by(payment_attempt.c.number)
    )


async def open_attempt(uow: UnitOfWork, intent_id: UUID) -> RowMapping | None:
    """The attempt under way."""
    return await uow.one_or_none(_OPEN_ATTEMPT, payment_intent_id=intent_id)


async def begin_attempt(uow: UnitOfWork, intent_id: UUID, **values: Any) -> RowMapping:
    """Insert the next attempt."""
    number = select(func.count() + 1).where(payment_attempt.c.payment_intent_id == intent_id).scalar_subquery()
    return await add_row(uow, payment_attempt, id=new_id(), payment_intent_id=intent_id, number=number, **values)


async def change_attempt(uow: UnitOfWork, intent_id: UUID, **values: Any) -> None:
    """Change the attempt under way."""
    await change_rows(uow, _CHANGING_ATTEMPT, of_payment_intent_id=intent_id, **values)


async def add_payment(uow: UnitOfWork, **values: Any) -> RowMapping:
    """Insert the payment itself; the database refuses it at commit unless its payout was applied."""
    return await add_row(uow, provider_payment, id=new_id(), **values)


async def payment_of(uow: UnitOfWork, intent_id: UUID) -> RowMapping | None:
    """The payment that an intent came to; of several, the last: those before came back."""
    return await uow.one_or_none(
        select(provider_payment)
        .where(provider_payment.c.payment_intent_id == intent_id)
        .order_by(provider_payment.c.id.desc())
        .limit(1)
    )


async def provider_name(uow: UnitOfWork, provider_id: UUID) -> str:
    """What the provider is called in a mail."""
    return str((await get_row(uow, provider, "provider", provider_id))["name"])


async def change_payment(uow: UnitOfWork, payment_id: UUID, **values: Any) -> None:
    """Write what became of a payment at the bank."""
    await uow.connection.execute(update(provider_payment).where(provider_payment.c.id == payment_id).values(**values))


async def followed(uow: UnitOfWork, settled_after: datetime) -> list[RowMapping]:
    """Payments to bank accounts that are not settled, or settled after this instant: a bank may still return them.

    With `direct_pay_id`, the account at Chek that lists them, and `rail_reference`, their memo there.
    """
    return await uow.all(
        select(provider_payment, payment_attempt.c.provider_direct_pay_id.label("direct_pay_id"))
        .add_columns(money_call.c.rail_reference)
        .join(payment_attempt, payment_attempt.c.id == provider_payment.c.payment_attempt_id)
        .join(money_call, money_call.c.id == provider_payment.c.money_call_id)
        .where(
            provider_payment.c.method == "ach",
            provider_payment.c.returned_at.is_(None),
            or_(provider_payment.c.settled_at.is_(None), provider_payment.c.settled_at > settled_after),
        )
        .order_by(payment_attempt.c.provider_direct_pay_id, provider_payment.c.id)
    )


async def stopped_by_method(uow: UnitOfWork, provider_id: UUID) -> list[RowMapping]:
    """The provider's payments that stopped at the payout or came back, or have no method to move money for; locked."""
    without_method = payment_intent.c.code.in_(OF_METHOD)
    return await uow.all(
        select(payment_intent)
        .where(
            payment_intent.c.provider_id == provider_id,
            or_(
                payment_intent.c.state.in_(("payout_stopped", "returned")),
                (payment_intent.c.state == "funding_stopped") & without_method,
            ),
        )
        .order_by(payment_intent.c.id)
        .with_for_update(key_share=True)
    )


async def waiting_for_method(uow: UnitOfWork) -> list[RowMapping]:
    """Organization and provider of payments that stopped for want of a method that is active, all organizations'."""
    return await uow.all(
        select(payment_intent.c.organization_id, payment_intent.c.provider_id)
        .distinct()
        .where(payment_intent.c.state.in_(("funding_stopped", "payout_stopped")), payment_intent.c.code.in_(OF_METHOD))
        .order_by(payment_intent.c.provider_id)
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
    statement = page_of(select(payment_intent), payment_intent, after=after, limit=limit, filters=filters)
    if "family_id" in filters:
        # the index of the children serves their family too
        children = select(child.c.id).where(child.c.family_id == filters["family_id"])
        statement = statement.where(payment_intent.c.child_id.in_(children))
    return await uow.all(statement)
