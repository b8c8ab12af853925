"""Process the inbox: each event once, in any order, and none of them holding up another.

An event whose subject is unknown, or whose money call is not settled yet, waits with growing pauses; after a while a
person is told. Nothing vanishes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog

from activities.money_call_find import Backoff
from db.engine import Database
from db.queries import inbox as queries
from db.repeat import repeated
from db.unit_of_work import UnitOfWork
from domain.inbox import InboxEvent, Verdict

log = structlog.get_logger()


class InboxHandler(Protocol):
    """What one source's events mean."""

    async def owner(self, uow: UnitOfWork, event: InboxEvent) -> UUID | Verdict:
        """Whose event it is, or why that cannot be said.

        `uow` crosses organizations and may be asked of other events, too: nothing is written in it.
        """

    async def apply(self, uow: UnitOfWork, event: InboxEvent) -> Verdict:
        """Do what follows from it, in its organization's unit of work, which also marks it as done.

        The order of locks is event, flow, money call, hold, balances.
        """


@dataclass(frozen=True, slots=True)
class Owned:
    """An event of which it is known whose it is."""

    organization_id: UUID
    source: str


class Inbox:
    """What every worker's inbox loop does. `handlers` by source."""

    def __init__(
        self, database: Database, handlers: Mapping[str, InboxHandler], *, backoff: Backoff, case_after_seconds: float
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._backoff = backoff
        self._case_after_seconds = case_after_seconds

    async def process_due(self, *, limit: int = 50) -> int:
        """Look once at every event that is due; returns how many there were."""
        async with self._database.across_organizations(actor="inbox") as uow:
            due = await queries.due(uow, limit=limit)
        known = {
            event["id"]: Owned(event["organization_id"], event["source"])
            for event in due
            if event["organization_id"] is not None and event["source"] in self._handlers
        }
        owned = known | await self._owners_of([event["id"] for event in due if event["organization_id"] is None])
        for event in due:
            await self._process(event["id"], owned.get(event["id"]))
        return len(due)

    async def _owners_of(self, event_ids: Sequence[UUID]) -> dict[UUID, Owned]:
        """Whose events these are, written for all in one transaction; without those of which it cannot be said yet."""
        if not event_ids:
            return {}
        try:
            async with self._database.across_organizations(actor="inbox") as uow:
                events = [await queries.take(uow, event_id) for event_id in event_ids]
                found = [(event.id, await self._write_owner(uow, event)) for event in events if event is not None]
        except Exception as error:  # noqa: BLE001 - which of them it was shows when each is asked by itself
            log.warning("inbox_owners_failed", error=type(error).__name__)
            return {}
        return {event_id: owned for event_id, owned in found if isinstance(owned, Owned)}

    async def _write_owner(self, uow: UnitOfWork, event: InboxEvent) -> Owned | Verdict:
        """From here on only that organization's unit of work sees it."""
        handler = self._handlers.get(event.source)
        if handler is None:
            return Verdict("wait", f"nobody handles events of {event.source}")
        if event.organization_id is not None:
            return Owned(event.organization_id, event.source)
        owner = await handler.owner(uow, event)
        if isinstance(owner, Verdict):
            return owner
        await queries.belongs_to(uow, event.id, owner)
        if event.attempts:
            await queries.close_case(uow, event)
        return Owned(owner, event.source)

    async def _process(self, event_id: UUID, owned: Owned | None) -> None:
        try:
            verdict = await repeated(lambda: self._attempt(event_id, owned))
        except Exception as error:  # noqa: BLE001 - one bad event never holds up the others: it waits, a person is told
            log.warning("inbox_event_failed", inbox_event_id=str(event_id), error=type(error).__name__)
            verdict = Verdict("wait", f"processing failed: {type(error).__name__}")
        if verdict is not None and verdict.kind == "wait":
            await self._postpone(event_id, verdict)

    async def _attempt(self, event_id: UUID, owned: Owned | None) -> Verdict | None:
        """None when another process has it, or has done it."""
        if owned is None:
            async with self._database.across_organizations(actor="inbox") as uow:
                event = await queries.take(uow, event_id)
                if event is None:
                    return None
                said = await self._write_owner(uow, event)
                if isinstance(said, Verdict):
                    if said.kind != "wait":
                        await queries.conclude(uow, event, said)
                    return said
                owned = said
        async with self._database.unit_of_work(owned.organization_id, actor=f"inbox/{owned.source}") as uow:
            event = await queries.take(uow, event_id)
            if event is None:
                return None
            verdict = await self._handlers[event.source].apply(uow, event)
            if verdict.kind != "wait":
                await queries.conclude(uow, event, verdict)
                if event.attempts:  # a case is opened of what has waited only
                    await queries.close_case(uow, event)
        if verdict.alert:
            log.warning("inbox_alert", inbox_event_id=str(event.id), kind=event.kind, alert=verdict.alert)
        return verdict

    async def _postpone(self, event_id: UUID, verdict: Verdict) -> None:
        async with self._database.across_organizations(actor="inbox") as uow:
            event = await queries.take(uow, event_id)
            if event is None:
                return
            seconds = self._backoff.after(event.attempts)
            age = await queries.postpone(uow, event.id, seconds=seconds, note=verdict.note)
            if age >= self._case_after_seconds and not verdict.told:
                log.error(
                    "inbox_event_unprocessed", inbox_event_id=str(event.id), source=event.source, note=verdict.note
                )
                await queries.open_case(uow, event, verdict.note)
