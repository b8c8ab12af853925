"""Money that we moved from FS Main to our PayPal balance: each line of the bank's statement is booked once."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, String, Table, Uuid

from db.tables.metadata import created_at, identity, metadata, owner

paypal_top_up = Table(
    "paypal_top_up",
    metadata,
    identity(),
    owner(),
    Column("bank_reference", String(100), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("moved_on", Date, nullable=False),
    Column("recorded_by", Uuid, ForeignKey("operator.id"), nullable=False),
    created_at(),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("currency = 'USD'", name="currency"),
)
# over all organizations: the bank shows each movement once
Index("uq_paypal_top_up_bank_reference", paypal_top_up.c.bank_reference, unique=True)
Index("ix_paypal_top_up_list", paypal_top_up.c.organization_id, paypal_top_up.c.id)
