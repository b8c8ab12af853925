"""A worker's event delivery as a process of its own, to be killed: `python -m tests.webhooks_out.deliver`."""

import asyncio
import sys
from datetime import timedelta

from activities.event_delivery import EventDelivery
from activities.webhook_sender import open_sender
from db.crypto.keyring import Keyring
from db.engine import Database


async def main(url: str, keys: str, lease_seconds: str) -> None:
    database = Database(url, Keyring.from_json(keys))
    async with (
        open_sender(live=False) as sender,
        EventDelivery(database, sender, lease=timedelta(seconds=float(lease_seconds))) as delivery,
    ):
        while True:
            await delivery.deliver_due()
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(*sys.stdin.read().split("\0")))
