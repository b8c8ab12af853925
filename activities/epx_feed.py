"""Look at the gateway's feeds and store what is new in the inbox."""

import structlog
from sqlalchemy import select

from activities.inbox_store import InboxStore
from db.engine import Database
from db.queries.feed import note_reading
from db.tables.inbox import inbox_event
from rails.base import EvidenceUnavailable
from rails.epx.feed import FEEDS, LARGEST_PAGE, Feed

log = structlog.get_logger()


class EpxFeed:
    """The loop's body: every worker may run it, the inbox keeps each event once."""

    def __init__(self, database: Database, feed: Feed, store: InboxStore) -> None:
        self._database = database
        self._feed = feed
        self._store = store

    async def pull(self) -> int:
        """Store what is new; returns how many events that were."""
        new = 0
        async with self._database.across_organizations(actor="epx-feed") as uow:
            began = await uow.business_now()
        for name in FEEDS:
            try:
                events = await self._feed.fetch(name, await self._last(name))
            except EvidenceUnavailable as away:
                log.warning("epx_feed_waits", why=str(away))
                continue
            new += await self._store.store_all("epx", events)
            if len(events) < LARGEST_PAGE:
                async with self._database.across_organizations(actor="epx-feed") as uow:
                    await note_reading(uow, f"epx/{name}", began)
        return new

    async def _last(self, name: str) -> str | None:
        async with self._database.across_organizations(actor="epx-feed") as uow:
            row = await uow.one_or_none(
                select(inbox_event.c.event_id)
                .where(inbox_event.c.source == "epx", inbox_event.c.event_id.startswith(f"{name}/"))
                .order_by(inbox_event.c.id.desc())
                .limit(1)
            )
        return None if row is None else row["event_id"].removeprefix(f"{name}/")
