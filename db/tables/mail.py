"""Mail to be sent: written in the transaction that is its cause, sent afterwards, never able to change a payment."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, text

from db.tables.metadata import Instant, created_at, identity, metadata, owner

mail = Table(
    "mail",
    metadata,
    identity(),
    owner(),
    Column("template", String(40), nullable=False),
    # one mail per cause
    Column("key", String(200), nullable=False),
    Column("subject_kind", String(40), nullable=False),
    Column("subject_id", String(80), nullable=False),
    # sealed JSON: recipient and what the template shows
    Column("content", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False, server_default=text("'pending'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("last_error", String(100)),
    created_at(),
    Column("sent_at", Instant),
    CheckConstraint("state in ('pending', 'sent')", name="state"),
    CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent"),
)
Index("uq_mail_key", mail.c.organization_id, mail.c.key, unique=True)
Index("ix_mail_state", mail.c.organization_id, mail.c.state, mail.c.id)
Index("ix_mail_pending", mail.c.subject_kind, mail.c.subject_id, postgresql_where=text("state = 'pending'"))
