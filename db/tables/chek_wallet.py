"""Chek users as wallets. One row per Chek user: a person who is family and provider has one wallet, and so one row."""

from sqlalchemy import Column, Index, String, Table

from db.tables.metadata import created_at, identity, metadata, owner

chek_wallet = Table(
    "chek_wallet",
    metadata,
    identity(),
    owner(),
    Column("chek_user_id", String(20), nullable=False),
    created_at(),
)
# across organizations: two owners of one wallet could never tell whose its balance is
Index("uq_chek_wallet_chek_user_id", chek_wallet.c.chek_user_id, unique=True)
