"""Tell organizations of their events: a loop in every worker delivers what is due to their webhook endpoints.

Each endpoint is served by a task of its own, so a dead one delays nobody. Rows are claimed with a lease before anything
is sent and noted afterwards: who dies in between sends the event again, under the same id. Order is not promised.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from standardwebhooks import Webhook

from activities.webhook_sender import Sent, WebhookSender
from db.engine import Database
from db.queries import event_delivery as queries
from db.queries.webhook_endpoint import secret_context
from domain.clock import SystemClock
from domain.ids import public_id
from domain.public_ids import subject_id, with_public_ids
from domain.webhook_endpoint import endpoint_pause_after, pause_after

ENDPOINTS_AT_ONCE = 64
EVENTS_AT_ONCE = 8
AFTER_ERROR_SECONDS = 10
LEASE = timedelta(seconds=60)
_ACTOR = "event-delivery"

log = structlog.get_logger()


class EventDelivery:
    """The body of one worker's loop, and the tasks that it has running; leaving the block ends them."""

    def __init__(self, database: Database, sender: WebhookSender, *, lease: timedelta = LEASE) -> None:
        self._database = database
        self._sender = sender
        self._lease = lease
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        """Nothing runs yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; what was being sent is sent again when its lease ends."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def deliver_due(self) -> int:
        """Have endpoints served that have something due; returns to how many more this worker now sends."""
        room = ENDPOINTS_AT_ONCE - len(self._running)
        if room <= 0:
            return 0
        async with self._database.across_organizations(actor=_ACTOR) as uow:
            due = await queries.due_endpoints(uow, but=list(self._running), limit=room)
        for endpoint in due:
            self._running[endpoint["id"]] = asyncio.create_task(
                self._serve(endpoint["id"], endpoint["organization_id"]), name=f"webhook-endpoint/{endpoint['id']}"
            )
        return len(due)

    async def settled(self) -> None:
        """Wait until the tasks that run now have ended."""
        await asyncio.gather(*self._running.values())

    async def _serve(self, endpoint_id: UUID, organization_id: UUID) -> None:
        try:
            while await self._deliver_some(endpoint_id, organization_id):
                pass
        except Exception as error:  # noqa: BLE001 - the rows stand: the next look goes on
            log.warning("event_delivery_left", endpoint_id=str(endpoint_id), error=type(error).__name__)
            await asyncio.sleep(AFTER_ERROR_SECONDS)
        finally:
            del self._running[endpoint_id]

    async def _deliver_some(self, endpoint_id: UUID, organization_id: UUID) -> bool:
        """Send a few events at once; False when none is due, or the endpoint is to be left alone."""
        async with self._database.unit_of_work(organization_id, actor=_ACTOR) as uow:
            endpoint = await queries.endpoint(uow, endpoint_id)
            if endpoint is None:
                return False
            # one that failed is asked with one event before it is sent more
            limit = 1 if endpoint["failures"] else EVENTS_AT_ONCE
            events = await queries.claim(uow, endpoint_id, limit=limit, lease=self._lease)
            secrets = [endpoint["secret"]] + ([endpoint["previous_secret"]] if endpoint["previous_signs"] else [])
            opened = [uow.envelope.open(secret, secret_context(endpoint_id)) for secret in secrets]
        if not events:
            return False
        answers = await asyncio.gather(*(self._send(endpoint["url"], opened, event) for event in events))
        await self._note(endpoint, list(zip(events, answers, strict=True)))
        return all(answer.problem is None for answer in answers)

    async def _send(self, url: str, secrets: Sequence[bytes], event: RowMapping) -> Sent:
        event_id, body = public_id("evt", event["id"]), body_of(event)
        now = SystemClock().now()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(Webhook(secret).sign(event_id, now, body) for secret in secrets),
        }
        return await self._sender.post(url, headers, body.encode())

    async def _note(self, endpoint: RowMapping, sent: Sequence[tuple[RowMapping, Sent]]) -> None:
        endpoint_id = endpoint["id"]
        async with self._database.unit_of_work(endpoint["organization_id"], actor=_ACTOR) as uow:
            taken = [(event["id"], answer.status) for event, answer in sent if answer.problem is None]
            await queries.delivered(uow, endpoint_id, [(event, status) for event, status in taken if status])
            if taken:
                await queries.endpoint_answered(uow, endpoint_id)
            refused = [(event, answer) for event, answer in sent if answer.problem is not None]
            for event, answer in refused:
                await queries.failed(uow, endpoint_id, event["id"], answer.status, pause_after(event["attempts"]))
            if not refused:
                return
            problem = str(refused[-1][1].problem)
            failures = 1 if taken else endpoint["failures"] + 1
            await queries.endpoint_failed(uow, endpoint_id, problem, endpoint_pause_after(failures))
            if await queries.give_up(uow, endpoint_id):
                await uow.open_case(
                    "webhook_undeliverable",
                    "webhook-endpoint",
                    endpoint_id,
                    "Events could not be delivered to a webhook endpoint for three days: mend it, then resend",
                    {"endpoint_id": str(endpoint_id), "problem": problem},
                )


def body_of(event: RowMapping) -> str:
    """The event as receivers see it; the same bytes at each try."""
    data: dict[str, Any] = {
        "object": event["subject_kind"],
        "id": subject_id(event["subject_kind"], event["subject_id"]),
        **with_public_ids(event["payload"]),
    }
    told = {
        "id": public_id("evt", event["id"]),
        "type": event["type"],
        "timestamp": event["created_at"].isoformat(),
        "data": data,
    }
    return json.dumps(told, separators=(",", ":"), sort_keys=True)
