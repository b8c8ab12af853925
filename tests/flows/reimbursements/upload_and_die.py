"""Uploads a receipt and dies by kill -9 on the way: `half`-way through the file, or `before` the row is committed."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from db.crypto.keyring import Keyring
from db.engine import Database
from db.queries.operator import operators
from domain.principal import Principal
from services.receipt import attach
from storage import folder as folders
from storage.folder import Folder
from tests.flows.reimbursements.files import pdf


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DiesAfterwards(Folder):
    """The file is whole and on disk; nobody knows of it yet."""

    async def put(self, address: str, sealed: bytes) -> None:
        await super().put(address, sealed)
        die()


async def main(place: str, folder: str, organization: str, report: str, expense: str) -> None:
    database = Database(os.environ["UPLOAD_DATABASE"], Keyring.from_json(os.environ["UPLOAD_KEYRING"]))
    if place == "half":
        folders.os.fsync = die  # type: ignore[attr-defined]
    async with database.unit_of_work(UUID(organization), actor="test") as uow:
        (who,) = [row["id"] for row in await operators(uow) if row["name"] == "Ada"]
        asker = Principal(UUID(organization), who, who, frozenset({"*"}), "req")
        store = DiesAfterwards(Path(folder))
        await attach(uow, store, asker, UUID(report), UUID(expense), pdf(), "application/pdf")


asyncio.run(main(*sys.argv[1:]))
