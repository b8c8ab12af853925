"""Receipts: which file proves which expense. The file itself lies sealed in the content store, under its address."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Uuid

from db.tables.metadata import created_at, identity, metadata, owner

receipt = Table(
    "receipt",
    metadata,
    identity(),
    owner(),
    Column("expense_id", Uuid, ForeignKey("expense.id"), nullable=False),
    # of the file as it was uploaded
    Column("sha256", LargeBinary, nullable=False),
    Column("address", String(100), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("uploaded_by", Uuid, ForeignKey("operator.id"), nullable=False),
    created_at(),
    CheckConstraint("octet_length(sha256) = 32", name="sha256"),
    CheckConstraint("size > 0", name="size"),
)
Index("uq_receipt_once", receipt.c.expense_id, receipt.c.sha256, unique=True)
Index("ix_receipt_same", receipt.c.organization_id, receipt.c.sha256)
Index("ix_receipt_address", receipt.c.address)
