"""Store what a rail tells us: whoever receives it (webhook route, feed, file) answers only once this has committed."""

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from db.engine import Database
from db.queries import inbox as queries
from domain.inbox import Received

AT_ONCE = 500


class InboxStore:
    """The inbox's door. One instance per process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def store(self, received: Received) -> bool:
        """Keep a verified message; False when it was stored before. Raises whatever keeps it from being stored."""
        async with self._database.across_organizations(actor=f"inbox/{received.source}") as uow:
            return await queries.store(uow, received)

    async def store_all(self, source: str, told: Sequence[Received]) -> int:
        """Keep messages of one source in their order; how many were new. Raises as `store` does.

        AT_ONCE of them are one transaction. Where the database refuses one of these, each is kept by itself: those in
        front of it are kept.
        """
        new = 0
        for start in range(0, len(told), AT_ONCE):
            together = told[start : start + AT_ONCE]
            try:
                async with self._database.across_organizations(actor=f"inbox/{source}") as uow:
                    new += sum([await queries.store(uow, received) for received in together])
            except DBAPIError:
                new += sum([await self.store(received) for received in together])
        return new
