"""Deliveries of events to webhook endpoints: claimed, sent outside of any transaction, and noted."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update

from db.tables.event import event_delivery, outgoing_event, webhook_endpoint
from db.unit_of_work import UnitOfWork

_open = (event_delivery.c.delivered_at.is_(None), event_delivery.c.given_up_at.is_(None))


async def due_endpoints(uow: UnitOfWork, *, but: Collection[UUID], limit: int) -> list[RowMapping]:
    """Endpoints with something to send now (id, organization_id), in a unit of work across organizations."""
    due = (
        select(event_delivery.c.event_id)
        .where(
            event_delivery.c.endpoint_id == webhook_endpoint.c.id,
            *_open,
            event_delivery.c.next_attempt_at <= func.clock_timestamp(),
        )
        .exists()
    )
    return await uow.all(
        select(webhook_endpoint.c.id, webhook_endpoint.c.organization_id)
        .where(
            webhook_endpoint.c.disabled_at.is_(None),
            webhook_endpoint.c.paused_until <= func.clock_timestamp(),
            webhook_endpoint.c.id.not_in(but),
            due,
        )
        # who waited longest comes first, so that nobody is passed over when there are more than `limit`
        .order_by(webhook_endpoint.c.paused_until, webhook_endpoint.c.id)
        .limit(limit)
    )


async def endpoint(uow: UnitOfWork, endpoint_id: UUID) -> RowMapping | None:
    """An endpoint, if it may be sent to now; `previous_signs` while the secret before its rotation signs too."""
    still = webhook_endpoint.c.previous_secret_until > func.clock_timestamp()
    return await uow.one_or_none(
        select(webhook_endpoint, still.label("previous_signs")).where(
            webhook_endpoint.c.id == endpoint_id,
            webhook_endpoint.c.disabled_at.is_(None),
            webhook_endpoint.c.paused_until <= func.clock_timestamp(),
        )
    )


async def claim(uow: UnitOfWork, endpoint_id: UUID, *, limit: int, lease: timedelta) -> list[RowMapping]:
    """Take due deliveries for a while, with their events; what another worker has taken is passed over.

    A worker that dies lets go of them when the lease ends; they are then sent again.
    """
    # a CTE is evaluated once; a subquery may be evaluated for each row, and each time takes `limit` rows more
    due = (
        select(event_delivery.c.event_id)
        .where(
            event_delivery.c.endpoint_id == endpoint_id,
            *_open,
            event_delivery.c.next_attempt_at <= func.clock_timestamp(),
        )
        .order_by(event_delivery.c.next_attempt_at, event_delivery.c.event_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = await uow.connection.execute(
        update(event_delivery)
        .where(
            event_delivery.c.endpoint_id == endpoint_id,
            event_delivery.c.event_id.in_(select(due.c.event_id)),
            event_delivery.c.event_id == outgoing_event.c.id,
        )
        .values(attempts=event_delivery.c.attempts + 1, next_attempt_at=func.clock_timestamp() + lease)
        .returning(outgoing_event, event_delivery.c.attempts)
    )
    return sorted(claimed.mappings().all(), key=lambda row: row["id"])


async def delivered(uow: UnitOfWork, endpoint_id: UUID, sent: Sequence[tuple[UUID, int]]) -> None:
    """The receiver took these events (id and its status)."""
    for event_id, status in sent:
        await _change(uow, endpoint_id, event_id, delivered_at=func.clock_timestamp(), last_status=status)


async def failed(uow: UnitOfWork, endpoint_id: UUID, event_id: UUID, status: int | None, pause: timedelta) -> None:
    """The receiver did not take an event; it is tried again after the pause, a last time at the end."""
    again = func.least(func.clock_timestamp() + pause, event_delivery.c.give_up_at)
    await _change(uow, endpoint_id, event_id, next_attempt_at=again, last_status=status)


async def give_up(uow: UnitOfWork, endpoint_id: UUID) -> int:
    """End the deliveries whose time is over. Returns how many."""
    ended = await uow.connection.execute(
        update(event_delivery)
        .where(
            event_delivery.c.endpoint_id == endpoint_id,
            *_open,
            event_delivery.c.give_up_at <= func.clock_timestamp(),
        )
        .values(given_up_at=func.clock_timestamp())
    )
    return ended.rowcount


async def endpoint_answered(uow: UnitOfWork, endpoint_id: UUID) -> None:
    """The endpoint takes events (again)."""
    await _change_endpoint(uow, endpoint_id, failures=0, last_delivered_at=func.clock_timestamp(), last_problem=None)


async def endpoint_failed(uow: UnitOfWork, endpoint_id: UUID, problem: str, pause: timedelta) -> None:
    """The endpoint takes nothing: leave it alone for a while."""
    await _change_endpoint(
        uow,
        endpoint_id,
        failures=webhook_endpoint.c.failures + 1,
        paused_until=func.clock_timestamp() + pause,
        last_problem=problem,
    )


async def _change(uow: UnitOfWork, endpoint_id: UUID, event_id: UUID, **values: Any) -> None:
    await uow.connection.execute(
        update(event_delivery)
        .where(event_delivery.c.endpoint_id == endpoint_id, event_delivery.c.event_id == event_id)
        .values(**values)
    )


async def _change_endpoint(uow: UnitOfWork, endpoint_id: UUID, **values: Any) -> None:
    await uow.connection.execute(update(webhook_endpoint).where(webhook_endpoint.c.id == endpoint_id).values(**values))
