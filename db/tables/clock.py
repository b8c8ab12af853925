"""The business clock: one row, zero offset in production, moved forward only in sandbox mode."""

from sqlalchemy import Boolean, CheckConstraint, Column, Interval, Table, text

from db.tables.metadata import metadata

business_clock = Table(
    "business_clock",
    metadata,
    Column(
        "only_row", Boolean, CheckConstraint("only_row", name="one_row"), primary_key=True, server_default=text("true")
    ),
    Column("ahead", Interval, nullable=False, server_default=text("'0'::interval")),
    Column("sandbox", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("sandbox or ahead = '0'::interval", name="production_is_utc"),
    CheckConstraint("ahead >= '0'::interval", name="never_backwards"),
)
