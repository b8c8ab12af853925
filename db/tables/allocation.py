"""Month allocations: the budget of one child for one month, and whether its money has reached the family's wallet."""

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
    UniqueConstraint,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

month_allocation = Table(
    "month_allocation",
    metadata,
    identity(),
    owner(),
    Column("program_id", Uuid, ForeignKey("program.id"), nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("child_id", Uuid, nullable=False),
    Column("month", Date, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("cap_cents", BigInteger, nullable=False),
    Column("allocation_cents", BigInteger, nullable=False),
    # why it is this amount: given by the caller, the whole month, the share of the first month, or set for that month
    Column("basis", String(12), nullable=False, server_default=text("'given'")),
    Column("reclaimed_cents", BigInteger, nullable=False, server_default=text("0")),
    # kept by triggers of care days, lump sums and payments, so that the checks below hold for every writer
    Column("selected_cents", BigInteger, nullable=False, server_default=text("0")),
    Column("paid_cents", BigInteger, nullable=False, server_default=text("0")),
    Column("funding_state", String(10), nullable=False, server_default=text("'unfunded'")),
    Column("funding_attempt", Integer, nullable=False, server_default=text("1")),
    Column("funded_at", Instant),
    Column("code", String(40)),
    Column("message", Text),
    Column("must_act", String(10)),
    created_at(),
    ForeignKeyConstraint(["child_id", "family_id"], ["child.id", "child.family_id"], name="fk_month_allocation_child"),
    UniqueConstraint("child_id", "month", name="uq_month_allocation_child_month"),
    # what is promised out of an allocation says whose and for when, and the database checks that
    UniqueConstraint("id", "child_id", "month", name="uq_month_allocation_of_child"),
    CheckConstraint("extract(day from month) = 1", name="month"),
    CheckConstraint("basis in ('given', 'whole', 'prorated', 'first_month')", name="basis"),
    CheckConstraint("allocation_cents between 0 and cap_cents", name="allocation_cents"),
    CheckConstraint("reclaimed_cents >= 0 and selected_cents >= 0 and paid_cents >= 0", name="not_negative"),
    CheckConstraint("selected_cents + reclaimed_cents <= allocation_cents", name="selected_fits"),
    CheckConstraint("paid_cents <= selected_cents", name="paid_was_selected"),
    CheckConstraint("funding_state in ('unfunded', 'funding', 'funded')", name="funding_state"),
    CheckConstraint("(funding_state = 'funded') = (funded_at is not null)", name="funded"),
)
Index("ix_month_allocation_list", month_allocation.c.organization_id, month_allocation.c.id)
Index("ix_month_allocation_month", month_allocation.c.organization_id, month_allocation.c.month, month_allocation.c.id)
Index(
    "ix_month_allocation_funding_state",
    month_allocation.c.organization_id,
    month_allocation.c.funding_state,
    month_allocation.c.id,
)
Index("ix_month_allocation_family", month_allocation.c.family_id, month_allocation.c.month)
