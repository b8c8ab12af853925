"""What requests need besides themselves: settings, database, Temporal. One per application."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import Depends, Request
from temporalio.client import Client

from activities.money_call_settle import Settler
from db.engine import Database
from db.flows.base import FlowSteps
from db.workflow_run import OutboxRow
from settings import Settings
from storage import ContentStore, content_store

AfterCommit = Callable[[Sequence[OutboxRow]], Awaitable[None]]
"""Called with outbox rows that were just committed; starts what it can, the workers' loop starts the rest."""


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The parts that requests need. `temporal` connects at its first call, so the API also starts without it."""

    settings: Settings
    database: Database
    temporal: Client
    after_commit: AfterCommit
    flows: Mapping[str, FlowSteps]
    settler: Settler
    starting: set[asyncio.Task[None]] = field(default_factory=set)
    """Runs that are being started after their requests were answered."""

    @property
    def receipts(self) -> ContentStore:
        """Where receipts lie."""
        return content_store(self.settings.receipts)

    def run_url(self, workflow_id: str) -> str:
        """Where the Temporal web UI shows a run."""
        return f"{self._workflows_url}/{quote(workflow_id, safe='')}"

    def runs_url(self, subject: str) -> str:
        """Where the Temporal web UI lists every run of a resource, named by its public id."""
        query = f'Subject="{subject}"'
        return f"{self._workflows_url}?query={quote(query, safe='')}"

    @property
    def _workflows_url(self) -> str:
        temporal = self.settings.temporal
        return f"{temporal.ui_url}/namespaces/{quote(temporal.namespace)}/workflows"


def context_of(request: Request) -> ApiContext:
    """The context of the application that answers this request."""
    return cast("ApiContext", request.app.state.context)


async def _context(request: Request) -> ApiContext:
    # a dependency that is not a coroutine is called in a thread of its own
    return context_of(request)


Context = Annotated[ApiContext, Depends(_context)]
