"""Store what a rail tells us: whoever receives it (webhook route, feed, file) answers only once this has committed."""

from db.engine import Database
from db.queries import inbox as queries
from domain.inbox import Received


class InboxStore:
    """The inbox's door. One instance per process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def store(self, received: Received) -> bool:
        """Keep a verified message; False when it was stored before. Raises whatever keeps it from being stored."""
        async with self._database.across_organizations(actor=f"inbox/{received.source}") as uow:
            return await queries.store(uow, received)
