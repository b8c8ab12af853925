"""The inbox: storing what rails tell us, once per source and event id, and what became of it.

Written across organizations: whose an event is shows only when its subject is known.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from db.queries.row import by, change_row, change_rows, changing
from db.tables.inbox import inbox_event
from db.unit_of_work import UnitOfWork
from domain.ids import new_id
from domain.inbox import InboxEvent, Received, Verdict
from domain.money_call import MoneyCall

_DUE = ("stored", "waiting")
_TAKEN = by(inbox_event, "id").where(inbox_event.c.state.in_(_DUE)).with_for_update(skip_locked=True)

_CONCLUDING = changing(inbox_event, "id").values(processed_at=func.clock_timestamp())


def _context(event_id: object) -> str:
    return f"inbox_event/{event_id}/payload"


async def store(uow: UnitOfWork, received: Received) -> bool:
    """Keep the message, sealed; False when it stands already (rails tell the same thing more than once)."""
    return await store_as(uow, new_id(), received)


async def store_as(uow: UnitOfWork, row: UUID, received: Received) -> bool:
    """The same, under an id that the caller has given out."""
    stored = await uow.connection.execute(
        insert(inbox_event)
        .values(
            id=row,
            organization_id=received.organization_id,
            source=received.source,
            event_id=received.event_id,
            kind=received.kind,
            subject=received.subject,
            reference=received.reference,
            payload=uow.envelope.seal(received.payload, context=_context(row)),
        )
        .on_conflict_do_nothing(index_elements=["source", "event_id"])
        .returning(inbox_event.c.id)
    )
    if stored.scalar_one_or_none() is None:
        return False
    await uow.audit(
        "inbox.stored",
        "inbox_event",
        row,
        {"source": received.source, "event_id": received.event_id, "kind": received.kind},
    )
    return True


async def due(uow: UnitOfWork, *, limit: int) -> list[RowMapping]:
    """Events whose time has come, oldest first: `id`, `organization_id` (None while it is unknown) and `source`."""
    return await uow.all(
        select(inbox_event.c.id, inbox_event.c.organization_id, inbox_event.c.source)
        .where(inbox_event.c.state.in_(_DUE), inbox_event.c.next_attempt_at <= func.clock_timestamp())
        .order_by(inbox_event.c.next_attempt_at, inbox_event.c.id)
        .limit(limit)
    )


async def take(uow: UnitOfWork, event_id: UUID) -> InboxEvent | None:
    """Lock an event that still is to be processed; None when it is done, or another process has it."""
    row = await uow.one_or_none(_TAKEN, id=event_id)
    return None if row is None else _read(uow, row)


async def belongs_to(uow: UnitOfWork, event_id: UUID, organization_id: UUID) -> None:
    """Now it is known whose event it is: only that organization's unit of work sees it from here on."""
    await change_row(uow, inbox_event, event_id, organization_id=organization_id)


async def conclude(uow: UnitOfWork, event: InboxEvent, verdict: Verdict) -> None:
    """Write that an event is processed, or of no concern to us: it is never looked at again."""
    await change_rows(uow, _CONCLUDING, of_id=event.id, state=verdict.kind, note=verdict.note or None)
    await uow.audit(
        f"inbox.{verdict.kind}",
        "inbox_event",
        event.id,
        {"source": event.source, "event_id": event.event_id, "kind": event.kind, "note": verdict.note},
    )


async def postpone(uow: UnitOfWork, event_id: UUID, *, seconds: float, note: str) -> float:
    """Look at an event again later; returns its age in seconds."""
    age: float = (
        await uow.connection.execute(
            update(inbox_event)
            .where(inbox_event.c.id == event_id, inbox_event.c.state.in_(_DUE))
            .values(
                state="waiting",
                attempts=inbox_event.c.attempts + 1,
                next_attempt_at=func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds),
                note=note,
            )
            .returning(func.extract("epoch", func.clock_timestamp() - inbox_event.c.received_at))
        )
    ).scalar_one_or_none() or 0.0
    return float(age)


async def ignore(uow: UnitOfWork, event_id: UUID, why: str) -> None:
    """A person knows that an event is of no concern to us; nothing happens if it was processed after all."""
    event = await take(uow, event_id)
    if event is not None:
        await conclude(uow, event, Verdict("ignored", why))


async def open_case(uow: UnitOfWork, event: InboxEvent, note: str) -> None:
    """Tell a person of an event that has waited too long; a case of the house while its organization is unknown."""
    evidence: Mapping[str, Any] = {
        "source": event.source,
        "event_id": event.event_id,
        "kind": event.kind,
        "subject": event.subject,
        "reference": event.reference,
        "received_at": event.received_at,
        "note": note,
    }
    await uow.connection.execute(
        text("select open_case(:organization, 'inbox', 'inbox_event', :id, :summary, cast(:evidence as jsonb))"),
        {
            "organization": event.organization_id,
            "id": str(event.id),
            "summary": f"An event of {event.source} ({event.kind}) cannot be processed: {note}",
            "evidence": json.dumps(evidence, default=str),
        },
    )


async def close_case(uow: UnitOfWork, event: InboxEvent) -> None:
    """The event was processed after all."""
    await uow.connection.execute(
        text(
            "update case_file set state = 'closed', closed_at = clock_timestamp(), resolution = 'processed after all'"
            " where kind = 'inbox' and subject_kind = 'inbox_event' and subject_id = :id and state = 'open'"
        ),
        {"id": str(event.id)},
    )


async def about(uow: UnitOfWork, call: MoneyCall) -> list[InboxEvent]:
    """What the rail told us of a money call, by our reference or by the rail's id, oldest first."""
    # an answer that was lost took the rail's id with it: then only our own reference names the call
    speaks_of = inbox_event.c.reference == call.rail_reference
    if call.rail_id is not None:
        speaks_of = or_(speaks_of, inbox_event.c.subject == call.rail_id)
    rows = await uow.all(
        select(inbox_event)
        .where(inbox_event.c.source == call.rail, speaks_of, inbox_event.c.state != "ignored")
        .order_by(inbox_event.c.received_at, inbox_event.c.id)
    )
    return [_read(uow, row) for row in rows]


def _read(uow: UnitOfWork, row: RowMapping) -> InboxEvent:
    return InboxEvent(
        id=row["id"],
        organization_id=row["organization_id"],
        source=row["source"],
        event_id=row["event_id"],
        kind=row["kind"],
        subject=row["subject"],
        reference=row["reference"],
        payload=uow.envelope.open(row["payload"], context=_context(row["id"])),
        state=row["state"],
        received_at=row["received_at"],
        attempts=row["attempts"],
    )
