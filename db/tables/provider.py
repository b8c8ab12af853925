"""Providers of care, how each is paid, and what a day with each costs per child."""

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
    Uuid,
    text,
)

from db.tables.metadata import Instant, created_at, identity, metadata, owner

provider = Table(
    "provider",
    metadata,
    identity(),
    owner(),
    Column("external_id", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("language", String(2), nullable=False, server_default=text("'en'")),
    # sealed
    Column("email", LargeBinary),
    # a centre need not enter the attendance of each week
    Column("attendance_waived", Boolean, nullable=False, server_default=text("false")),
    created_at(),
    CheckConstraint("kind in ('center', 'home')", name="kind"),
    CheckConstraint("kind = 'center' or not attendance_waived", name="attendance_waived"),
)
Index("uq_provider_external_id", provider.c.organization_id, provider.c.external_id, unique=True)
Index("ix_provider_list", provider.c.organization_id, provider.c.id)

provider_payment_settings = Table(
    "provider_payment_settings",
    metadata,
    Column("provider_id", Uuid, ForeignKey("provider.id"), primary_key=True),
    owner(),
    Column("wallet_id", Uuid, ForeignKey("chek_wallet.id"), nullable=False, unique=True),
    Column("method", String(10)),
    Column("method_changed_at", Instant),
    # what Chek said when it was last read; statuses in Chek's own words, only `Active` is paid to
    Column("direct_pay_id", String(40)),
    Column("direct_pay_status", String(40)),
    Column("card_id", String(40)),
    Column("card_status", String(40)),
    Column("refreshed_at", Instant),
    created_at(),
    CheckConstraint("method in ('ach', 'card')", name="method"),
)

payment_rate = Table(
    "payment_rate",
    metadata,
    identity(),
    owner(),
    Column("provider_id", Uuid, ForeignKey("provider.id"), nullable=False),
    Column("child_id", Uuid, ForeignKey("child.id"), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("half_day_cents", BigInteger, nullable=False),
    Column("full_day_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    created_at(),
    CheckConstraint("half_day_cents between 100 and 16000", name="half_day_cents"),
    CheckConstraint("full_day_cents between 100 and 16000", name="full_day_cents"),
)
# rates are never changed: another one takes effect from another date
Index(
    "uq_payment_rate_effective_from",
    payment_rate.c.provider_id,
    payment_rate.c.child_id,
    payment_rate.c.effective_from,
    unique=True,
)
Index("ix_payment_rate_list", payment_rate.c.organization_id, payment_rate.c.id)
Index("ix_payment_rate_child", payment_rate.c.child_id, payment_rate.c.id)
