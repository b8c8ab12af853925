"""Care days: one day of care for one child with one provider, priced when it is created."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

care_day = Table(
    "care_day",
    metadata,
    identity(),
    owner(),
    Column("allocation_id", Uuid, nullable=False),
    Column("child_id", Uuid, nullable=False),
    Column("month", Date, nullable=False),
    Column("provider_id", Uuid, ForeignKey("provider.id"), nullable=False),
    Column("date", Date, nullable=False),
    Column("kind", String(4), nullable=False),
    Column("rate_cents", BigInteger, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    # the family's own part where the budget was short
    Column("missing_cents", BigInteger, nullable=False, server_default=text("0")),
    Column("currency", String(3), nullable=False),
    created_at(),
    Column("deleted_at", Instant),
    ForeignKeyConstraint(
        ["allocation_id", "child_id", "month"],
        ["month_allocation.id", "month_allocation.child_id", "month_allocation.month"],
        name="fk_care_day_allocation",
    ),
    CheckConstraint("kind in ('full', 'half')", name="kind"),
    CheckConstraint("date >= month and date < month + interval '1 month'", name="date_in_month"),
    CheckConstraint("rate_cents between 100 and 16000", name="rate_cents"),
    CheckConstraint("amount_cents > 0 and missing_cents >= 0", name="amounts"),
    CheckConstraint("amount_cents + missing_cents = rate_cents", name="parts_make_the_rate"),
)
# deleted days are kept and do not count
Index(
    "uq_care_day_live",
    care_day.c.child_id,
    care_day.c.provider_id,
    care_day.c.date,
    unique=True,
    postgresql_where=text("deleted_at is null"),
)
Index("ix_care_day_allocation", care_day.c.allocation_id, care_day.c.date)
Index("ix_care_day_list", care_day.c.organization_id, care_day.c.id)
Index("ix_care_day_child", care_day.c.child_id, care_day.c.id)
Index("ix_care_day_provider", care_day.c.provider_id, care_day.c.id)
