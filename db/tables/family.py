"""Families, their children, and the wallet from which a family pays."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from db.tables.metadata import created_at, identity, metadata, owner

family = Table(
    "family",
    metadata,
    identity(),
    owner(),
    Column("external_id", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("language", String(2), nullable=False, server_default=text("'en'")),
    # sealed
    Column("email", LargeBinary),
    created_at(),
)
Index("uq_family_external_id", family.c.organization_id, family.c.external_id, unique=True)
Index("ix_family_list", family.c.organization_id, family.c.id)

family_payment_settings = Table(
    "family_payment_settings",
    metadata,
    Column("family_id", Uuid, ForeignKey("family.id"), primary_key=True),
    owner(),
    Column("wallet_id", Uuid, ForeignKey("chek_wallet.id"), nullable=False, unique=True),
    created_at(),
)

child = Table(
    "child",
    metadata,
    identity(),
    owner(),
    Column("family_id", Uuid, ForeignKey("family.id"), nullable=False),
    Column("program_id", Uuid, ForeignKey("program.id"), nullable=False),
    Column("external_id", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("payment_enabled", Boolean, nullable=False, server_default=text("true")),
    # what a month is allocated by itself: the whole, and what staff set for the month in which care starts
    Column("monthly_cents", BigInteger),
    Column("first_month_cents", BigInteger),
    Column("starts_on", Date),
    created_at(),
    CheckConstraint("monthly_cents >= 0 and first_month_cents >= 0", name="not_negative"),
    CheckConstraint("first_month_cents is null or starts_on is not null", name="first_month"),
    # what belongs to a child says whose child it is, and the database checks that
    UniqueConstraint("id", "family_id", name="uq_child_of_family"),
)
Index("uq_child_external_id", child.c.organization_id, child.c.external_id, unique=True)
Index("ix_child_family", child.c.family_id)
Index("ix_child_list", child.c.organization_id, child.c.id)
