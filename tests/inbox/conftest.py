"""An inbox over a fresh database with one organization, and a handler that does what a test wants."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from activities.inbox import Inbox
from activities.inbox_store import InboxStore
from activities.money_call_find import Backoff
from db.engine import Database
from db.unit_of_work import UnitOfWork
from domain.inbox import InboxEvent, Received, Verdict
from services.operators import add_operator


@dataclass
class Handler:
    """Knows its organization once told; counts what it applied."""

    organization_id: UUID
    known: bool = True
    verdicts: dict[str, Verdict | Exception] = field(default_factory=dict)
    applied: Counter[str] = field(default_factory=Counter)

    async def owner(self, uow: UnitOfWork, event: InboxEvent) -> UUID | Verdict:
        del uow
        if event.kind == "unreadable":
            raise RuntimeError("account 123456789")
        if event.kind == "of_no_concern":
            return Verdict("ignored", "nothing to us")
        return self.organization_id if self.known else Verdict("wait", "nobody knows the transfer")

    async def apply(self, uow: UnitOfWork, event: InboxEvent) -> Verdict:
        verdict = self.verdicts.get(event.event_id, Verdict("processed", "done"))
        if isinstance(verdict, Exception):
            raise verdict
        if verdict.kind == "processed":
            # in the transaction that marks the event: both or neither
            await uow.audit("test.applied", "test", event.event_id)
            self.applied[event.event_id] += 1
        return verdict


@dataclass
class Box:
    """The inbox, its door and its handler."""

    database: Database
    handler: Handler
    store: InboxStore

    def inbox(self, *, case_after_seconds: float = 3600, pause: float = 0.05) -> Inbox:
        return Inbox(
            self.database,
            {"test": self.handler},
            backoff=Backoff(pause, pause),
            case_after_seconds=case_after_seconds,
        )

    async def put(
        self, event_id: str, *, kind: str = "told", source: str = "test", reference: str | None = None
    ) -> bool:
        return await self.store.store(
            Received(source, event_id, kind, f"subject-{event_id}", f"secret {event_id}".encode(), reference)
        )

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.database.across_organizations(actor="test") as uow:
            return [tuple(row) for row in (await uow.connection.execute(text(statement))).all()]


@pytest.fixture
async def box(database: Database) -> Box:
    """An empty inbox of one organization."""
    added = await add_operator(database, organization="Inbox", name="Ada", email="ada@example.test", actor="test")
    return Box(database, Handler(added.organization_id), InboxStore(database))
