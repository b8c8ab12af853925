"""Files of returns dropped into a folder: stored in the inbox, then moved to `done` or, with the reason, to `failed`.

Any number of workers may look at the same folder, and a file may be dropped twice: the inbox keeps each event once, and
a file is moved only when all of it is stored. A file that still grows is left alone until two looks find it the same.
"""

import asyncio
import hashlib
import json
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy import text

from activities.inbox_store import InboxStore
from db.engine import Database
from rails.epx.return_file import LARGEST_FILE_BYTES, UnreadableFileError, read_return_file

log = structlog.get_logger()

Look = tuple[int, int]
"""Size and time of the last change."""


class EpxDrop:
    """The loop's body."""

    def __init__(self, database: Database, folder: Path, store: InboxStore) -> None:
        self._database = database
        self._folder = folder
        self._store = store
        self._seen: dict[str, Look] = {}

    async def pull(self) -> int:
        """Take the files that no longer grow; returns how many new events they held."""
        looks = await asyncio.to_thread(self._look)
        still = [name for name, look in looks.items() if self._seen.get(name) == look]
        self._seen = looks
        return sum([await self._take(self._folder / name) for name in sorted(still)])

    def _look(self) -> dict[str, Look]:
        found: dict[str, Look] = {}
        for path in self._folder.glob("*.csv"):
            with suppress(FileNotFoundError):  # another worker has moved it
                seen = path.stat()
                found[path.name] = (seen.st_size, seen.st_mtime_ns)
        return found

    async def _take(self, path: Path) -> int:
        try:
            content = await asyncio.to_thread(_read, path)
            events = read_return_file(content)
        except FileNotFoundError:
            return 0
        except UnreadableFileError as unreadable:
            await self._refuse(path, content, str(unreadable))
            return 0
        new = await self._store.store_all("epx", events)
        await asyncio.to_thread(_move, path, "done", content)
        log.info("return_file_taken", file=path.name, events=len(events), new=new)
        return new

    async def _refuse(self, path: Path, content: bytes, why: str) -> None:
        log.error("return_file_refused", file=path.name, why=why)
        async with self._database.across_organizations(actor="epx-drop") as uow:
            await uow.connection.execute(
                text("select open_case(null, 'return_file', 'return_file', :id, :summary, cast(:evidence as jsonb))"),
                {
                    "id": _digest(content),
                    "summary": f"The file {path.name} of returns cannot be read: {why}",
                    "evidence": json.dumps({"file": path.name, "why": why, "bytes": len(content)}),
                },
            )
        moved = await asyncio.to_thread(_move, path, "failed", content)
        if moved is not None:
            await asyncio.to_thread(moved.with_suffix(".why.txt").write_text, why + "\n", "utf-8")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_FILE_BYTES + 1)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _move(path: Path, folder: str, content: bytes) -> Path | None:
    """The same content under the same name takes the same place; None when another worker was first."""
    target = path.parent / folder / f"{path.stem}-{_digest(content)}{path.suffix}"
    target.parent.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileNotFoundError):
        return path.replace(target)
    return None
