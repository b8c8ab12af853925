"""How far each feed of a partner has been read: silence proves something only once it has been listened to."""

from sqlalchemy import Column, String, Table

from db.tables.metadata import Instant, metadata

feed_reading = Table(
    "feed_reading",
    metadata,
    Column("feed", String(40), primary_key=True),
    Column("read_at", Instant, nullable=False),
)
