"""Lump sums: care of one child by one provider that daily rates do not cover."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

lump_sum = Table(
    "lump_sum",
    metadata,
    identity(),
    owner(),
    Column("allocation_id", Uuid, nullable=False),
    Column("child_id", Uuid, nullable=False),
    Column("month", Date, nullable=False),
    Column("provider_id", Uuid, ForeignKey("provider.id"), nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("days", Integer, nullable=False),
    Column("half_days", Integer, nullable=False),
    created_at(),
    Column("deleted_at", Instant),
    ForeignKeyConstraint(
        ["allocation_id", "child_id", "month"],
        ["month_allocation.id", "month_allocation.child_id", "month_allocation.month"],
        name="fk_lump_sum_allocation",
    ),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
    CheckConstraint("days between 0 and 31 and half_days between 0 and 31 and days + half_days > 0", name="days"),
)
Index("ix_lump_sum_allocation", lump_sum.c.allocation_id)
Index("ix_lump_sum_list", lump_sum.c.organization_id, lump_sum.c.id)
Index("ix_lump_sum_child", lump_sum.c.child_id, lump_sum.c.id)
Index("ix_lump_sum_provider", lump_sum.c.provider_id, lump_sum.c.id)
