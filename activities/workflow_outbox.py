"""Start and wake workflows after commit. The API does it at once; a loop in every worker does what is left."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import RowMapping, func, select, update
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from db.engine import Database
from db.tables.event import workflow_outbox
from db.workflow_run import OutboxRow

log = structlog.get_logger()

CLAIM_SECONDS = 15
"""A row is tried again after so long, however often it was tried: what an outage held up goes on soon after its end."""
AT_ONCE = 16


class WorkflowOutbox:
    """Delivers outbox rows to Temporal; every repeat is harmless."""

    def __init__(self, database: Database, client: Client, *, task_queue: str, public_url: str) -> None:
        self._database = database
        self._client = client
        self._task_queue = task_queue
        self._public_url = public_url

    async def deliver_due(self, *, limit: int = 100) -> int:
        """Deliver what is due; returns how many rows were tried."""
        rows = await self._claim(limit)
        await self.deliver(rows)
        return len(rows)

    async def _claim(self, limit: int) -> list[RowMapping]:
        due = select(workflow_outbox.c.id).where(
            workflow_outbox.c.done_at.is_(None), workflow_outbox.c.next_attempt_at <= func.clock_timestamp()
        )
        # a CTE is evaluated once; a subquery may be evaluated for each row, and each time takes `limit` rows more
        claimable = due.order_by(workflow_outbox.c.id).limit(limit).with_for_update(skip_locked=True).cte("due")
        async with self._database.across_organizations(actor="workflow-outbox") as uow:
            claimed = await uow.connection.execute(
                update(workflow_outbox)
                .where(workflow_outbox.c.id.in_(select(claimable.c.id)))
                .values(
                    attempts=workflow_outbox.c.attempts + 1,
                    next_attempt_at=func.clock_timestamp() + timedelta(seconds=CLAIM_SECONDS),
                )
                .returning(workflow_outbox)
            )
            return sorted(claimed.mappings().all(), key=lambda row: row["id"])

    async def deliver(self, rows: Sequence[OutboxRow]) -> None:
        """Deliver these, as far as Temporal answers; the loop delivers the rest.

        Some at once: each waits for Temporal. Those of one run follow each other, a start comes before a wake.
        """
        by_run: dict[str, list[OutboxRow]] = {}
        for row in rows:
            by_run.setdefault(row["workflow_id"], []).append(row)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one_run(of_run: Sequence[OutboxRow]) -> list[UUID]:
            async with gate:
                return [row["id"] for row in of_run if await self._delivered(row)]

        done = [row for ids in await asyncio.gather(*map(one_run, by_run.values())) for row in ids]
        if done:
            await self._database.call("select outbox_delivered($1)", done)

    async def _delivered(self, row: OutboxRow) -> bool:
        try:
            await (self._start(row) if row["kind"] == "start" else self._wake(row))
        except RPCError as error:
            log.warning("workflow_outbox_left", workflow_id=row["workflow_id"], why=error.status.name)
        except Exception as error:  # noqa: BLE001 - a client that never connected says so in its own ways
            log.warning("workflow_outbox_left", workflow_id=row["workflow_id"], why=type(error).__name__)
        else:
            return True
        return False

    async def _start(self, row: OutboxRow) -> None:
        """The first run. A second delivery of the row finds it started, or even ended: both are success."""
        with suppress(WorkflowAlreadyStartedError):
            await self._run(row, row["workflow_id"], WorkflowIDReusePolicy.REJECT_DUPLICATE)

    async def _wake(self, row: OutboxRow) -> None:
        """Wake the run; when it has ended (or was terminated), go on from the rows under the restart id."""
        try:
            await self._client.get_workflow_handle(row["workflow_id"]).signal("wake")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            if not await self._start_is_due(row):
                await self._run(
                    row,
                    row["restart_id"],
                    WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    conflict=WorkflowIDConflictPolicy.USE_EXISTING,
                    signal="wake",
                )

    async def _run(
        self,
        row: OutboxRow,
        workflow_id: str,
        reuse: WorkflowIDReusePolicy,
        *,
        conflict: WorkflowIDConflictPolicy = WorkflowIDConflictPolicy.FAIL,
        signal: str | None = None,
    ) -> None:
        pairs = [
            SearchAttributePair(SearchAttributeKey.for_keyword(name), value)
            for name, value in row["search_attributes"].items()
        ]
        await self._client.start_workflow(
            row["workflow"],
            row["argument"],
            id=workflow_id,
            task_queue=self._task_queue,
            id_reuse_policy=reuse,
            id_conflict_policy=conflict,
            start_signal=signal,
            search_attributes=TypedSearchAttributes(pairs),
            static_summary=row["summary"] or None,
            static_details=f"[{row['path']}]({self._public_url}{row['path']})" if row["path"] else None,
        )

    async def _start_is_due(self, row: OutboxRow) -> bool:
        async with self._database.across_organizations(actor="workflow-outbox") as uow:
            waiting = await uow.one_or_none(
                select(workflow_outbox.c.id)
                .where(
                    workflow_outbox.c.workflow_id == row["workflow_id"],
                    workflow_outbox.c.kind == "start",
                    workflow_outbox.c.done_at.is_(None),
                )
                .limit(1)
            )
        return waiting is not None
