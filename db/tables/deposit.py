"""Money that an organization put into a bank account of ours: each line of the bank's statement is booked once."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, String, Table, Uuid

from db.tables.metadata import created_at, identity, metadata, owner

deposit = Table(
    "deposit",
    metadata,
    identity(),
    owner(),
    Column("bank_account", String(20), nullable=False),
    Column("bank_reference", String(100), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("recorded_by", Uuid, ForeignKey("operator.id"), nullable=False),
    created_at(),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("bank_account in ('fs_main')", name="bank_account"),
)
# over all organizations: one line of the bank belongs to one of them
Index("uq_deposit_bank_reference", deposit.c.bank_account, deposit.c.bank_reference, unique=True)
Index("ix_deposit_list", deposit.c.organization_id, deposit.c.id)
