"""How much one operator may approve within 24 hours. The row is also the lock under which approvals are counted."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Uuid

from db.tables.metadata import Instant, created_at, identity, metadata, owner

approval_limit = Table(
    "approval_limit",
    metadata,
    identity(),
    owner(),
    Column("operator_id", Uuid, ForeignKey("operator.id"), nullable=False),
    # minor units of US dollars in any 24 hours; null: the installation's default
    Column("per_day", BigInteger),
    Column("set_by", Uuid, ForeignKey("operator.id")),
    created_at(),
    Column("changed_at", Instant),
    CheckConstraint("per_day is null or per_day >= 0", name="per_day"),
    CheckConstraint("set_by <> operator_id", name="set_by_another"),
)
Index("uq_approval_limit_operator", approval_limit.c.organization_id, approval_limit.c.operator_id, unique=True)
