"""Reclaims: unused money of an allocation on its way back from the family's wallet to the programme."""

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
    Text,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

reclaim = Table(
    "reclaim",
    metadata,
    identity(),
    owner(),
    Column("program_id", Uuid, ForeignKey("program.id"), nullable=False),
    Column("family_id", Uuid, ForeignKey("family.id"), nullable=False),
    Column("child_id", Uuid, nullable=False),
    Column("month", Date, nullable=False),
    Column("allocation_id", Uuid, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("state", String(20), nullable=False, server_default=text("'submitted'")),
    # which try the money step is at
    Column("reclaim_try", Integer, nullable=False, server_default=text("1")),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    created_at(),
    Column("ended_at", Instant),
    ForeignKeyConstraint(
        ["allocation_id", "child_id", "month"],
        ["month_allocation.id", "month_allocation.child_id", "month_allocation.month"],
        name="fk_reclaim_allocation",
    ),
    ForeignKeyConstraint(["child_id", "family_id"], ["child.id", "child.family_id"], name="fk_reclaim_child"),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
    CheckConstraint("state in ('submitted', 'reclaiming', 'stopped', 'reclaimed', 'cancelled')", name="state"),
    CheckConstraint("(state in ('reclaimed', 'cancelled')) = (ended_at is not null)", name="ended"),
)
Index("ix_reclaim_list", reclaim.c.organization_id, reclaim.c.id)
Index("ix_reclaim_state", reclaim.c.organization_id, reclaim.c.state, reclaim.c.id)
Index("ix_reclaim_allocation", reclaim.c.allocation_id)
