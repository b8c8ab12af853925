"""The one metadata of the public schema, and the column shapes that every table shares."""

from sqlalchemy import Column, DateTime, ForeignKey, MetaData, Uuid, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Instant = DateTime(timezone=True)


def identity() -> "Column[object]":
    """The primary key of a row: a UUIDv7 made by the caller (domain.ids)."""
    return Column("id", Uuid, primary_key=True)


def owner() -> "Column[object]":
    """The organization that owns the row; row-level security compares it with the unit of work's."""
    return Column("organization_id", Uuid, ForeignKey("organization.id"), nullable=False)


def created_at() -> "Column[object]":
    """The real instant at which the row was written (not the business clock)."""
    return Column("created_at", Instant, nullable=False, server_default=text("clock_timestamp()"))
