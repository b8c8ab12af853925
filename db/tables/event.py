"""What is to be told after commit: workflows to start or wake, and events for the organization's webhooks."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import Instant, created_at, identity, metadata, owner

workflow_outbox = Table(
    "workflow_outbox",
    metadata,
    identity(),
    owner(),
    Column("kind", String(10), nullable=False),
    Column("workflow", String(80), nullable=False),
    Column("workflow_id", String(200), nullable=False),
    Column("restart_id", String(200)),
    Column("argument", JSONB, nullable=False),
    Column("search_attributes", JSONB, nullable=False),
    Column("summary", String(200), nullable=False),
    Column("path", String(200), nullable=False),
    created_at(),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("last_error", Text),
    Column("done_at", Instant),
    CheckConstraint("kind in ('start', 'wake')", name="kind"),
)
Index(
    "ix_workflow_outbox_due",
    workflow_outbox.c.next_attempt_at,
    postgresql_where=text("done_at is null"),
)

outgoing_event = Table(
    "outgoing_event",
    metadata,
    identity(),
    owner(),
    Column("type", String(80), nullable=False),
    Column("subject_kind", String(40), nullable=False),
    Column("subject_id", String(80), nullable=False),
    Column("payload", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    created_at(),
)
Index(
    "ix_outgoing_event_subject",
    outgoing_event.c.organization_id,
    outgoing_event.c.subject_kind,
    outgoing_event.c.subject_id,
)

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    identity(),
    owner(),
    Column("url", String(500), nullable=False),
    Column("description", String(200), nullable=False, server_default=text("''")),
    Column("secret", LargeBinary, nullable=False),
    # after a rotation the old secret signs too, until this instant
    Column("previous_secret", LargeBinary),
    Column("previous_secret_until", Instant),
    created_at(),
    # failures in a row, and until when nothing is sent because of them
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("paused_until", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("last_delivered_at", Instant),
    Column("last_problem", String(40)),
    Column("disabled_at", Instant),
)
Index("ix_webhook_endpoint_organization_id", webhook_endpoint.c.organization_id)

event_delivery = Table(
    "event_delivery",
    metadata,
    Column("event_id", Uuid, ForeignKey("outgoing_event.id"), primary_key=True),
    Column("endpoint_id", Uuid, ForeignKey("webhook_endpoint.id"), primary_key=True),
    owner(),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("give_up_at", Instant, nullable=False, server_default=text("clock_timestamp() + interval '3 days'")),
    Column("last_status", Integer),
    Column("delivered_at", Instant),
    Column("given_up_at", Instant),
)
Index(
    "ix_event_delivery_given_up",
    event_delivery.c.endpoint_id,
    postgresql_where=text("given_up_at is not null"),
)
Index(
    "ix_event_delivery_open",
    event_delivery.c.endpoint_id,
    event_delivery.c.next_attempt_at,
    postgresql_where=text("delivered_at is null and given_up_at is null"),
)
