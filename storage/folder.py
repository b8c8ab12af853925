"""Files in a local folder: for one machine, or a folder that all machines mount."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from domain.errors import Unavailable

_HALF = ".half"
_OWNER_ONLY = 0o700


class Folder:
    """A content store of plain files, readable by their owner only."""

    def __init__(self, root: Path) -> None:
        """Files lie under `root`, which is made with the first of them."""
        self._root = root

    async def put(self, address: str, sealed: bytes) -> None:
        """Written beside, then renamed, both on disk before this returns: a kill leaves all of it or a half."""
        try:
            await asyncio.to_thread(_write, self._root / address, sealed)
        except OSError as error:
            raise _away(error) from None

    async def get(self, address: str) -> bytes | None:
        """What lies there, or None."""
        try:
            return await asyncio.to_thread((self._root / address).read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _away(error) from None

    async def delete(self, address: str) -> None:
        """Remove the file and its half."""
        path = self._root / address
        for file in (path, path.with_name(path.name + _HALF)):
            await asyncio.to_thread(file.unlink, missing_ok=True)

    async def addresses(self) -> AsyncIterator[str]:
        """Each file once, whole or half."""
        for path in await asyncio.to_thread(lambda: list(self._root.glob("*/*"))):
            yield f"{path.parent.name}/{path.name.removesuffix(_HALF)}"


def _write(path: Path, sealed: bytes) -> None:
    path.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    half = path.with_name(path.name + _HALF)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _away(error: OSError) -> Unavailable:
    return Unavailable(f"The store of receipts does not work ({type(error).__name__}).", retry_after=30)
