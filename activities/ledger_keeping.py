"""Keep the house tidy: seal audit rows into the chain, fold hot balances, forget keys that have expired."""

from sqlalchemy import text

from db.engine import Database
from db.queries.idempotency import forget_expired


class LedgerKeeping:
    """Bodies of two loops; one process at a time does the work, the others find nothing to do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seal(self) -> int:
        """Seal what is below the transaction horizon; returns how many rows."""
        return await self._call("select audit.seal()")

    async def fold(self) -> int:
        """Fold deferred balances; always 0: once per pause is enough."""
        await self._call("select ledger.fold()")
        return 0

    async def forget_keys(self) -> int:
        """Delete Idempotency-Keys that have expired; always 0: once per pause is enough."""
        async with self._database.across_organizations(actor="ledger-keeping") as uow:
            await forget_expired(uow)
        return 0

    async def _call(self, statement: str) -> int:
        async with self._database.across_organizations(actor="ledger-keeping") as uow:
            done = (await uow.connection.execute(text(statement))).scalar_one()
        return int(done or 0)
