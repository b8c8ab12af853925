"""The inbox: what rails tell us, stored before it is believed, unique by source and event id."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, Uuid, text

from db.tables.metadata import Instant, identity, metadata

inbox_event = Table(
    "inbox_event",
    metadata,
    identity(),
    # unknown until the event's subject is known
    Column("organization_id", Uuid, ForeignKey("organization.id")),
    Column("source", String(40), nullable=False),
    Column("event_id", String(200), nullable=False),
    Column("kind", String(80), nullable=False),
    # the rail's id of what the event speaks of, and our own reference to it where the event carries one
    Column("subject", String(200), nullable=False),
    Column("reference", String(255)),
    Column("payload", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False, server_default=text("'stored'")),
    Column("received_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("processed_at", Instant),
    Column("note", Text),
    CheckConstraint("state in ('stored', 'waiting', 'processed', 'ignored')", name="state"),
)
Index("uq_inbox_event_source_event_id", inbox_event.c.source, inbox_event.c.event_id, unique=True)
Index("ix_inbox_event_subject", inbox_event.c.source, inbox_event.c.subject)
Index("ix_inbox_event_reference", inbox_event.c.source, inbox_event.c.reference)
Index("ix_inbox_event_due", inbox_event.c.next_attempt_at, postgresql_where=text("state in ('stored', 'waiting')"))
