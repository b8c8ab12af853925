"""What an organization asks of reimbursement reports. Without a row the defaults of these columns hold."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Table, text

from db.tables.metadata import Instant, created_at, identity, metadata, owner

reimbursement_policy = Table(
    "reimbursement_policy",
    metadata,
    identity(),
    owner(),
    # nothing is submitted, reviewed or approved, and no failed payout is tried again
    Column("frozen", Boolean, nullable=False, server_default=text("false")),
    Column("receipt_required", Boolean, nullable=False, server_default=text("true")),
    Column("organizer_approval", Boolean, nullable=False, server_default=text("true")),
    # most that one report may come to, minor units; null: no maximum of the organization's own
    Column("maximum", BigInteger),
    created_at(),
    Column("changed_at", Instant),
    CheckConstraint("maximum is null or maximum > 0", name="maximum"),
)
Index("uq_reimbursement_policy_organization", reimbursement_policy.c.organization_id, unique=True)
