"""The content store: sealed files by address. An address is made from the content, so nothing there ever changes."""

from collections.abc import AsyncIterator
from typing import Protocol


class ContentStore(Protocol):
    """Puts, gets, deletes and lists. Raises Unavailable when the place cannot be reached.

    An address is ``<organization>/<fingerprint>``, both in hexadecimal digits. Whoever puts or deletes holds the
    address's lock in the database (db.queries.receipt), so that nothing is deleted while it is being put.
    """

    async def put(self, address: str, sealed: bytes) -> None:
        """Store under the address, whole or not at all; what lies there already is replaced by the same content."""

    async def get(self, address: str) -> bytes | None:
        """What lies there, or None."""

    async def delete(self, address: str) -> None:
        """Leave nothing under the address, halves of a cut-off put included."""

    def addresses(self) -> AsyncIterator[str]:
        """Every address under which something lies, halves included, in no order."""
