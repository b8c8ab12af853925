"""Delivery of events: signed, retried with growing pauses, and disturbed on demand."""

import asyncio
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any

import httpx

from sandbox.books import Row
from sandbox.clock import parse_instant, real_now
from sandbox.column.config import ColumnConfig
from sandbox.column.events import Events, document
from sandbox.notices import NoticeConfig

ANSWER_WITHIN_SECONDS = 10  # Column's own limit
_LONGEST_PAUSE_MS = 2000


class Webhooks(ABC):
    """One delivery at a time, in order of events, except where control asks for another order."""

    def __init__(self, events: Events, config: NoticeConfig) -> None:
        self._events = events
        self._config = config
        self._client: httpx.AsyncClient | None = None
        self._one_at_a_time = asyncio.Lock()
        self._awake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something new may be due."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop().create_task(self._deliver_for_ever())
        self._awake.set()

    async def flush(self, *, reverse: bool = False) -> None:
        """Try each pending event once, now, whatever its pause."""
        if self._config.hold_webhooks:
            return
        for event in self._events.pending(reverse=reverse):
            await self._try(event["id"], even_if_delivered=False)
        self.wake()

    async def deliver(self, event_id: str, copies: int = 1) -> list[str]:
        """Send one event now, also again, and also while the rest is held. Returns each copy's answer."""
        self._events.get(event_id)
        return [await self._try(event_id, even_if_delivered=True) for _ in range(copies)]

    async def close(self) -> None:
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    @abstractmethod
    def document(self, event: Row) -> dict[str, Any]:
        """The event as it is sent."""

    @abstractmethod
    def headers(self, event: Row, body: bytes) -> dict[str, str]:
        """What proves that it is the partner's."""

    async def _deliver_for_ever(self) -> None:
        while True:
            self._awake.clear()
            pause = await self._deliver_due()
            try:
                await asyncio.wait_for(self._awake.wait(), pause)
            except TimeoutError:
                continue

    async def _deliver_due(self) -> float | None:
        """Seconds until the next one is due, None when nothing waits."""
        if self._config.hold_webhooks or self._config.webhook_url is None:
            return None
        waits = []
        for event in self._events.pending():
            wait = (parse_instant(event["not_before"]) - real_now()).total_seconds()
            if wait > 0:
                waits.append(wait)
            else:
                await self._try(event["id"], even_if_delivered=False)
                waits.append(0.0)
        return min(waits) if waits else None

    async def _try(self, event_id: str, *, even_if_delivered: bool) -> str:
        async with self._one_at_a_time:
            event = self._events.get(event_id)
            if self._config.webhook_url is None or (event["state"] != "pending" and not even_if_delivered):
                return "not sent"
            answer, delivered = await self._send(event, self._config.webhook_url)
            last = event["attempts"] + 1 >= self._config.webhook_attempts
            pause = min(self._config.webhook_retry_ms * 2 ** event["attempts"], _LONGEST_PAUSE_MS)
            again_at = None if delivered or last else real_now() + timedelta(milliseconds=pause)
            self._events.attempted(event, answer, delivered=delivered, again_at=again_at)
            return answer

    async def _send(self, event: Row, url: str) -> tuple[str, bool]:
        body = json.dumps(self.document(event)).encode()
        headers = {"Content-Type": "application/json", **self.headers(event, body)}
        self._client = self._client or httpx.AsyncClient(timeout=ANSWER_WITHIN_SECONDS, trust_env=False)
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return type(error).__name__, False
        return str(response.status_code), response.is_success


class ColumnWebhooks(Webhooks):
    """Column-Signature is the hex HMAC-SHA256 of the body."""

    def __init__(self, events: Events, config: ColumnConfig) -> None:
        super().__init__(events, config)
        self._secrets = config

    def document(self, event: Row) -> dict[str, Any]:
        return document(event)

    def headers(self, event: Row, body: bytes) -> dict[str, str]:
        del event
        signature = hmac.new(self._secrets.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        return {"Column-Signature": signature}
