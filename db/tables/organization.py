"""Who owns the money, who may act, and with which key."""

from sqlalchemy import ARRAY, Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Uuid, func, text

from db.tables.metadata import Instant, created_at, identity, metadata, owner

organization = Table(
    "organization",
    metadata,
    identity(),
    Column("name", String(200), nullable=False, unique=True),
    created_at(),
)

operator = Table(
    "operator",
    metadata,
    identity(),
    owner(),
    Column("name", String(200), nullable=False),
    Column("email", String(254), nullable=False),
    created_at(),
    Column("disabled_at", Instant),
)
Index("uq_operator_email", operator.c.organization_id, func.lower(operator.c.email), unique=True)

api_key = Table(
    "api_key",
    metadata,
    identity(),
    owner(),
    Column("operator_id", Uuid, ForeignKey("operator.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("prefix", String(24), nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(String(60)), nullable=False, server_default=text("'{}'")),
    Column("live", Boolean, nullable=False, server_default=text("false")),
    created_at(),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
)
