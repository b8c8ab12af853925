"""Subsidy programmes, and the money that reached them at Chek."""

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
    Uuid,
    text,
)

from db.tables.metadata import created_at, identity, metadata, owner

program = Table(
    "program",
    metadata,
    identity(),
    owner(),
    Column("name", String(200), nullable=False),
    Column("chek_program_id", String(20), nullable=False),
    Column("time_zone", String(60), nullable=False),
    Column("currency", String(3), nullable=False, server_default=text("'USD'")),
    # most per month allocation, payment and lump sum
    Column("cap_cents", BigInteger, nullable=False),
    # the last month that is allocated; null: no end
    Column("last_month", Date),
    # how many enabled children of any programme a provider may care for when one of this programme comes to it
    Column("children_per_provider", Integer, nullable=False, server_default=text("2")),
    created_at(),
    CheckConstraint("cap_cents > 0", name="cap_cents"),
    CheckConstraint("children_per_provider > 0", name="children_per_provider"),
    CheckConstraint("extract(day from last_month) = 1", name="last_month"),
)
Index("uq_program_name", program.c.organization_id, program.c.name, unique=True)
# one programme at Chek has one owner here, whatever the organization
Index("uq_program_chek_program_id", program.c.chek_program_id, unique=True)

program_funding = Table(
    "program_funding",
    metadata,
    identity(),
    owner(),
    Column("program_id", Uuid, ForeignKey("program.id"), nullable=False),
    Column("reference", String(100), nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    created_at(),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
)
Index("uq_program_funding_reference", program_funding.c.program_id, program_funding.c.reference, unique=True)
