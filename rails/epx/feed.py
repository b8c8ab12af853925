"""The gateway's settlement and return feeds: CSV, in order, each event under an id that never changes."""

import csv
import json
from io import StringIO

import httpx

from domain.inbox import InboxEvent, Received
from domain.money_call import MoneyCall, Outcome
from rails.base import EvidenceUnavailable
from rails.epx.report import signed_amount

FEEDS = ("settlements", "returns")
LARGEST_PAGE = 1000
"""A feed answers at most so many events at once; fewer means that it was read to its end."""


class Feed:
    """Downloads what is new. `url` is the folder of `settlements.csv` and `returns.csv`."""

    def __init__(self, client: httpx.AsyncClient, url: str, key: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._key = key

    async def fetch(self, feed: str, since: str | None) -> list[Received]:
        """Events after `since` (all when it is None); raises EvidenceUnavailable while there is no answer."""
        rows = await self._rows(feed, since)
        return [_received(feed, row) for row in rows]

    async def returned(self) -> int:
        """Debits less credits that came back, in minor units; raises EvidenceUnavailable.

        A return that the bank tells twice moved money once.
        """
        amounts: dict[str, int] = {}
        since: str | None = None
        while True:
            rows = await self._rows("returns", since)
            for row in rows:
                if row["KIND"] == "return" and row["TRAN_TYPE"][-1:] in ("2", "3"):
                    amounts[row["AUTH_GUID"]] = signed_amount(row)
            if len(rows) < LARGEST_PAGE:
                return sum(amounts.values())
            since = rows[-1]["EVENT_ID"]

    async def _rows(self, feed: str, since: str | None) -> list[dict[str, str]]:
        try:
            answer = await self._client.get(
                f"{self._url}/{feed}.csv",
                params={} if since is None else {"since": since},
                headers={"X-API-Key": self._key},
                follow_redirects=False,
            )
        except (httpx.HTTPError, OSError) as error:
            raise EvidenceUnavailable(f"{feed}: {type(error).__name__}") from None
        if answer.status_code == 400 and since is not None:
            return await self._rows(
                feed, None
            )  # the gateway does not know our last event: take all, duplicates drop out
        if answer.status_code != 200:
            raise EvidenceUnavailable(f"{feed}: HTTP {answer.status_code}")
        return list(csv.DictReader(StringIO(answer.text)))


def _received(feed: str, row: dict[str, str]) -> Received:
    kind = row["EVENT"] if feed == "settlements" else row["KIND"]
    return Received(
        source="epx",
        event_id=f"{feed}/{row['EVENT_ID']}",
        kind=kind,
        subject=row["AUTH_GUID"],
        reference=row["TRAN_NBR"],
        payload=json.dumps(row, separators=(",", ":")).encode(),
    )


def read_event(call: MoneyCall, event: InboxEvent) -> Outcome | None:
    """An entry that settled, went out or came back was certainly taken in by the gateway."""
    row = json.loads(event.payload)
    same = row["TRAN_NBR"] == call.rail_reference and row["TRAN_TYPE"] == call.operation
    if not same or row["AMOUNT"] != call.money.decimal_text():
        return None
    return Outcome("applied", "00", f"The gateway reported it as {event.kind}.", rail_id=row["AUTH_GUID"] or None)
