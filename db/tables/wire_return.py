"""Wires that the bank executed and sent back: a line of its statement, told by one operator, confirmed by another."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

wire_return = Table(
    "wire_return",
    metadata,
    identity(),
    owner(),
    Column("report_id", Uuid, ForeignKey("report.id"), nullable=False),
    Column("attempt_id", Uuid, ForeignKey("payout_attempt.id"), nullable=False),
    # of the line that brought the money back, not of the one that took it away
    Column("bank_reference", String(100), nullable=False),
    Column("returned_on", Date, nullable=False),
    # what the bank kept of it, minor units
    Column("fee", BigInteger, nullable=False, server_default=text("0")),
    Column("reason", String(200), nullable=False),
    Column("must_act", String(10), nullable=False),
    Column("proposed_by", Uuid, ForeignKey("operator.id"), nullable=False),
    # of all that was proposed: who confirms names it
    Column("proposal_hash", LargeBinary, nullable=False),
    Column("confirmed_by", Uuid, ForeignKey("operator.id")),
    Column("confirmed_at", Instant),
    created_at(),
    CheckConstraint("fee >= 0", name="fee"),
    CheckConstraint("must_act in ('payee', 'operator')", name="must_act"),
    CheckConstraint("confirmed_by is null or confirmed_by <> proposed_by", name="two_persons"),
    CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed"),
)
Index("uq_wire_return_attempt", wire_return.c.attempt_id, unique=True)
# over all organizations: one line of the bank is one movement
Index("uq_wire_return_bank_reference", wire_return.c.bank_reference, unique=True)
Index("ix_wire_return_report", wire_return.c.organization_id, wire_return.c.report_id)
