"""Keys of families and providers: an API key with which nobody but one of them asks."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Uuid

from db.tables.metadata import metadata, owner

party_key = Table(
    "party_key",
    metadata,
    Column("api_key_id", Uuid, ForeignKey("api_key.id"), primary_key=True),
    owner(),
    Column("family_id", Uuid, ForeignKey("family.id")),
    Column("provider_id", Uuid, ForeignKey("provider.id")),
    CheckConstraint("num_nonnulls(family_id, provider_id) = 1", name="one_party"),
)
