"""Webhook endpoints: where an organization is told of its events, and the secrets that sign them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, insert, select, update

from db.tables.event import event_delivery, webhook_endpoint
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound

_open = (event_delivery.c.delivered_at.is_(None), event_delivery.c.given_up_at.is_(None))


def secret_context(endpoint_id: UUID) -> str:
    """Where a signing secret belongs: it opens nowhere else."""
    return f"webhook_endpoint/{endpoint_id}/secret"


async def add(uow: UnitOfWork, endpoint_id: UUID, url: str, description: str, secret: bytes) -> RowMapping:
    """Insert an endpoint; events that commit from now on are delivered to it."""
    await uow.connection.execute(
        insert(webhook_endpoint).values(
            id=endpoint_id,
            organization_id=uow.organization_id,
            url=url,
            description=description,
            secret=uow.envelope.seal(secret, secret_context(endpoint_id)),
        )
    )
    return await get(uow, endpoint_id)


async def get(uow: UnitOfWork, endpoint_id: UUID, *, lock: bool = False) -> RowMapping:
    """One endpoint that was not removed. Raises NotFound."""
    statement = select(webhook_endpoint).where(
        webhook_endpoint.c.id == endpoint_id, webhook_endpoint.c.disabled_at.is_(None)
    )
    # its key stays as it is, so events that are written meanwhile need not wait
    row = await uow.one_or_none(statement.with_for_update(key_share=True) if lock else statement)
    if row is None:
        raise NotFound("webhook endpoint")
    return row


async def standing(uow: UnitOfWork) -> list[RowMapping]:
    """The organization's endpoints, newest first."""
    return await uow.all(
        select(webhook_endpoint)
        .where(webhook_endpoint.c.organization_id == uow.organization_id, webhook_endpoint.c.disabled_at.is_(None))
        .order_by(webhook_endpoint.c.id.desc())
    )


async def counts(uow: UnitOfWork, endpoint_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """By endpoint, how many events wait for delivery and how many were given up."""
    # each by its own index: of all deliveries there ever were these are few
    waiting, given_up = [
        {row["endpoint_id"]: row["events"] for row in await uow.all(_events(endpoint_ids).where(*conditions))}
        for conditions in (_open, (event_delivery.c.given_up_at.is_not(None), event_delivery.c.delivered_at.is_(None)))
    ]
    return {each: (waiting.get(each, 0), given_up.get(each, 0)) for each in endpoint_ids}


def _events(endpoint_ids: Sequence[UUID]) -> Select[Any]:
    return (
        select(event_delivery.c.endpoint_id, func.count().label("events"))
        .where(event_delivery.c.endpoint_id.in_(endpoint_ids))
        .group_by(event_delivery.c.endpoint_id)
    )


async def rotate(uow: UnitOfWork, endpoint_id: UUID, secret: bytes, *, keep: timedelta) -> RowMapping:
    """Give an endpoint a new secret; the present one signs beside it for a while."""
    await uow.connection.execute(
        update(webhook_endpoint)
        .where(webhook_endpoint.c.id == endpoint_id)
        .values(
            previous_secret=webhook_endpoint.c.secret,
            previous_secret_until=func.clock_timestamp() + keep,
            secret=uow.envelope.seal(secret, secret_context(endpoint_id)),
        )
    )
    return await get(uow, endpoint_id)


async def remove(uow: UnitOfWork, endpoint_id: UUID) -> None:
    """Remove an endpoint: its secrets are wiped and what waits is not sent. The row stays, events name it."""
    await uow.connection.execute(
        update(webhook_endpoint)
        .where(webhook_endpoint.c.id == endpoint_id)
        .values(disabled_at=func.clock_timestamp(), secret=b"", previous_secret=None, previous_secret_until=None)
    )
    await uow.connection.execute(
        update(event_delivery)
        .where(event_delivery.c.endpoint_id == endpoint_id, *_open)
        .values(given_up_at=func.clock_timestamp())
    )


async def resend(uow: UnitOfWork, endpoint_id: UUID) -> int:
    """Try at once what waits, and anew what was given up. Returns how many events."""
    again = await uow.connection.execute(
        update(event_delivery)
        .where(event_delivery.c.endpoint_id == endpoint_id, event_delivery.c.delivered_at.is_(None))
        .values(
            attempts=0,
            next_attempt_at=func.clock_timestamp(),
            give_up_at=func.clock_timestamp() + timedelta(days=3),
            given_up_at=None,
        )
    )
    await uow.connection.execute(
        update(webhook_endpoint)
        .where(webhook_endpoint.c.id == endpoint_id)
        .values(failures=0, paused_until=func.clock_timestamp())
    )
    return again.rowcount
