"""Who is paid back, and how. An edit of a payout method is a new record; the old one is archived and kept."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table, Uuid, text

from db.tables.metadata import Instant, created_at, identity, metadata, owner

payee = Table(
    "payee",
    metadata,
    identity(),
    owner(),
    Column("name", LargeBinary, nullable=False),
    Column("email", LargeBinary, nullable=False),
    Column("email_fingerprint", LargeBinary, nullable=False),
    # the operator who is this person: they never decide on their own reports
    Column("operator_id", Uuid, ForeignKey("operator.id")),
    created_at(),
    Column("archived_at", Instant),
)
Index("uq_payee_email", payee.c.organization_id, payee.c.email_fingerprint, unique=True)
Index("ix_payee_list", payee.c.organization_id, payee.c.id)

payout_method = Table(
    "payout_method",
    metadata,
    identity(),
    owner(),
    Column("payee_id", Uuid, ForeignKey("payee.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("label", String(100), nullable=False, server_default=text("''")),
    # sealed JSON; which details a kind has is said in domain/payout_method
    Column("details", LargeBinary, nullable=False),
    Column("last_four", String(4), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),
    Column("replaces", Uuid, ForeignKey("payout_method.id")),
    created_at(),
    Column("archived_at", Instant),
    CheckConstraint("kind ~ '^[a-z]{2,10}$'", name="kind"),
    CheckConstraint("not (is_default and archived_at is not null)", name="default_is_not_archived"),
)
Index("ix_payout_method_payee", payout_method.c.payee_id, payout_method.c.id)
Index("uq_payout_method_default", payout_method.c.payee_id, unique=True, postgresql_where=text("is_default"))
Index(
    "uq_payout_method_live",
    payout_method.c.payee_id,
    payout_method.c.fingerprint,
    unique=True,
    postgresql_where=text("archived_at is null"),
)
Index("uq_payout_method_replaces", payout_method.c.replaces, unique=True)
