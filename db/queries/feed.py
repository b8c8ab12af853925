"""How far a feed has been read, in business time."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from db.tables.feed import feed_reading
from db.tables.inbox import inbox_event
from db.unit_of_work import UnitOfWork


async def note_reading(uow: UnitOfWork, feed: str, read_at: datetime) -> None:
    """The feed was read whole at this instant (taken before the request was sent)."""
    statement = insert(feed_reading).values(feed=feed, read_at=read_at)
    latest = func.greatest(feed_reading.c.read_at, statement.excluded.read_at)
    await uow.connection.execute(statement.on_conflict_do_update(index_elements=["feed"], set_={"read_at": latest}))


async def last_reading(uow: UnitOfWork, feed: str) -> datetime | None:
    """When the feed was last read whole; None before the first time."""
    row = await uow.one_or_none(select(feed_reading.c.read_at).where(feed_reading.c.feed == feed))
    return None if row is None else row["read_at"]


async def heard_until(uow: UnitOfWork, feed: str, source: str) -> datetime | None:
    """The instant up to which everything that the feed told has been read and looked at; None when that is unknown."""
    unread = await uow.one_or_none(
        select(inbox_event.c.id).where(inbox_event.c.source == source, inbox_event.c.state == "stored").limit(1)
    )
    if unread is not None:
        return None
    return await last_reading(uow, feed)
