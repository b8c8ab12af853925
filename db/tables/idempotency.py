"""Idempotency keys of API requests, and the token buckets of the rate limit."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Numeric, String, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import Instant, created_at, metadata, owner

idempotency_key = Table(
    "idempotency_key",
    metadata,
    owner(),
    Column("key", String(255), nullable=False),
    Column("path", String(300), nullable=False),
    Column("request_hmac", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("response", JSONB),
    created_at(),
    Column("expires_at", Instant, nullable=False),
)
Index("uq_idempotency_key", idempotency_key.c.organization_id, idempotency_key.c.key, unique=True)
Index("ix_idempotency_key_expires_at", idempotency_key.c.expires_at)

rate_limit_bucket = Table(
    "rate_limit_bucket",
    metadata,
    Column("bucket", String(200), primary_key=True),
    Column("tokens", Numeric(12, 3), nullable=False),
    Column("refilled_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    prefixes=["UNLOGGED"],
)
