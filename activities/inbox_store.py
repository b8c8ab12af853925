"""Store what a rail tells us: whoever receives it (webhook route, feed, file) answers only once this has committed."""

from collections.abc import Sequence

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

    async def store_all(self, source: str, told: Sequence[Received]) -> int:
        """Keep messages of one source in their order, all or none; how many were new. Raises as `store` does."""
        if not told:
            return 0
        async with self._database.across_organizations(actor=f"inbox/{source}") as uow:
            return sum([await queries.store(uow, received) for received in told])
