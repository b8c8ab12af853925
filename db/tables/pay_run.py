"""Pay runs: the pairs of provider and child's month that each pays, and where each pair is."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

pay_run = Table(
    "pay_run",
    metadata,
    identity(),
    owner(),
    Column("program_id", Uuid, ForeignKey("program.id"), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("width", Integer, nullable=False),
    Column("state", String(10), nullable=False, server_default=text("'running'")),
    created_at(),
    Column("ended_at", Instant),
    CheckConstraint("last_day >= first_day", name="period"),
    CheckConstraint("width between 1 and 200", name="width"),
    CheckConstraint("state in ('running', 'paused', 'finished', 'cancelled')", name="state"),
    CheckConstraint("(state in ('finished', 'cancelled')) = (ended_at is not null)", name="ended"),
)
Index("ix_pay_run_list", pay_run.c.organization_id, pay_run.c.id)

pay_run_pair = Table(
    "pay_run_pair",
    metadata,
    identity(),
    owner(),
    Column("pay_run_id", Uuid, ForeignKey("pay_run.id"), nullable=False),
    Column("allocation_id", Uuid, ForeignKey("month_allocation.id"), nullable=False),
    Column("child_id", Uuid, ForeignKey("child.id"), nullable=False),
    Column("family_id", Uuid, ForeignKey("family.id"), nullable=False),
    Column("provider_id", Uuid, ForeignKey("provider.id"), nullable=False),
    # what the days came to when the run was made, from `begun` on what their payment is for
    Column("days", Integer, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("state", String(12), nullable=False, server_default=text("'waiting'")),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id")),
    Column("begun_at", Instant),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    created_at(),
    UniqueConstraint("pay_run_id", "allocation_id", "provider_id", name="uq_pay_run_pair"),
    CheckConstraint("state in ('waiting', 'begun', 'refused', 'nothing_due', 'dropped')", name="state"),
    CheckConstraint("(state = 'begun') = (payment_intent_id is not null)", name="begun"),
    CheckConstraint("(state = 'refused') = (code is not null)", name="code"),
    CheckConstraint("days > 0 and amount_cents > 0", name="amount_cents"),
)
Index("ix_pay_run_pair_line", pay_run_pair.c.pay_run_id, pay_run_pair.c.state, pay_run_pair.c.id)
Index("ix_pay_run_pair_payment", pay_run_pair.c.payment_intent_id)
