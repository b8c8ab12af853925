"""Deletes files that no expense has: uploads that died before their row, and receipts that were taken off a draft."""

from collections.abc import Iterator

from db.engine import Database
from db.queries import receipt as queries
from db.queries.operator import organizations
from storage import ContentStore

_AT_ONCE = 200


class ReceiptSweep:
    """The body of a loop. Any number of them may run at once, and beside uploads."""

    def __init__(self, database: Database, store: ContentStore) -> None:
        self._database = database
        self._store = store

    async def sweep(self) -> int:
        """Look at everything in the store; always 0: once per pause is enough."""
        await self.delete_orphans()
        return 0

    async def delete_orphans(self) -> int:
        """Returns how many were deleted."""
        async with self._database.across_organizations(actor="receipt-sweep") as uow:
            ours = {row["id"].hex for row in await organizations(uow)}
        # what lies beside them is of another installation, or of a database that is gone: no orphan of ours
        addresses = sorted({found async for found in self._store.addresses() if found.partition("/")[0] in ours})
        return sum([await self._orphans_of(some) for some in _parts(addresses)])

    async def _orphans_of(self, addresses: list[str]) -> int:
        async with self._database.across_organizations(actor="receipt-sweep") as uow:
            used = await queries.in_use(uow, addresses)
        return sum([await self._delete(address) for address in addresses if address not in used])

    async def _delete(self, address: str) -> bool:
        """Under the address's lock: an upload of the same file waits, or has it and is left alone."""
        async with self._database.across_organizations(actor="receipt-sweep") as uow:
            if not await queries.try_lock_address(uow, address) or await queries.in_use(uow, [address]):
                return False
            await self._store.delete(address)
            await uow.audit("receipt.orphan_deleted", "receipt-file", address.rpartition("/")[2])
            return True


def _parts(addresses: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(addresses), _AT_ONCE):
        yield addresses[start : start + _AT_ONCE]
