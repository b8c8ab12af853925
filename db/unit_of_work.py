"""The unit of work: the only way flows reach the database; state, ledger, audit and events commit together.

Locks are taken in the order flow, money call, hold, balances; the ledger call comes last. Where more rows than the
flow's are locked, docs/decisions/0007-one-order-of-locks.md says in which order. What PostgreSQL ends for a deadlock
all the same is done again as a whole (db/repeat.py).
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.crypto.envelope import Envelope
from db.crypto.fingerprint import Fingerprint
from db.crypto.keyring import Keyring
from db.ledger.ledger import Ledger
from db.money_calls.log import MoneyCallLog
from db.tables.case_file import case_file
from db.workflow_run import OutboxRow, WorkflowRun
from domain.childcare_party import Party
from domain.ids import new_id

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
DELIVERY_SECONDS = 5


class UnitOfWork:
    """One transaction. `connection` runs statements of SQLAlchemy Core; the rest calls the server's functions.

    What nearly every transaction leaves behind (audit, events, workflows to start, its request's answer) is its trail,
    written in one call: one for each row took as long as all the rest (docs/benchmarks.md). Who opens it with
    `delivers` starts and wakes what stands in `outbox` once it has committed; workers leave that alone until
    DELIVERY_SECONDS have passed.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        driver: Driver,
        organization_id: UUID | None,
        actor: str,
        keyring: Keyring,
        party: Party | None = None,
        delivers: bool = False,
    ) -> None:
        self.connection = connection
        self._driver = driver
        self._organization_id = organization_id
        self.actor = actor
        self.party = party
        self.outbox: list[OutboxRow] = []
        self._delivers = delivers
        self._trail: list[str] = []
        self._now: datetime | None = None
        self.envelope = Envelope(keyring)
        self.fingerprint = Fingerprint(keyring)

    @property
    def organization_id(self) -> UUID:
        """The organization whose rows are seen; an error in a unit of work across organizations."""
        if self._organization_id is None:
            raise RuntimeError("this unit of work crosses organizations: name the organization")
        return self._organization_id

    @cached_property
    def ledger(self) -> Ledger:
        """Posting, holds and balances."""
        return Ledger(self)

    @cached_property
    def money_calls(self) -> MoneyCallLog:
        """Recording, sending and settling of money calls."""
        return MoneyCallLog(self)

    async def driver(self) -> Driver:
        """The raw connection, for server-side functions, which must not run outside of this transaction.

        What was left behind before is written first: audit rows stand in the order in which things were done. A call
        after its end would commit alone.
        """
        await self.write_trail()
        return self.bare

    @property
    def bare(self) -> Driver:
        """The raw connection for what may overtake the trail: reads, and rows that have no audit row."""
        # once it is closed, the connection may be in another unit's transaction
        if self.connection.closed or not self._driver.is_in_transaction():
            raise RuntimeError("a server-side call outside of the unit of work's transaction")
        return self._driver

    async def write_trail(self) -> None:
        """Write what was left behind so far; its end does."""
        if self._trail:
            rows, self._trail = f"[{','.join(self._trail)}]", []
            await self.bare.execute("select write_trail($1::jsonb)", rows)

    def _keep(self, kind: str, organization_id: UUID | None, *values: Any) -> None:
        # written down now: what the caller does to its values afterwards is another matter
        self._trail.append(json.dumps((kind, organization_id, *values), default=str))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A block that is undone alone when it raises, with what it left behind."""
        await self.write_trail()
        told = len(self.outbox)
        try:
            async with self.connection.begin_nested():
                yield
        except BaseException:
            self._trail.clear()
            del self.outbox[told:]
            raise

    async def one_or_none(self, statement: Any, **values: Any) -> RowMapping | None:
        """The only row of a statement, or None; `values` for a statement that was made once with bindparams."""
        return (await self.connection.execute(statement, values)).mappings().one_or_none()

    async def all(self, statement: Any, **values: Any) -> list[RowMapping]:
        """All rows of a statement."""
        return list((await self.connection.execute(statement, values)).mappings().all())

    async def business_now(self) -> datetime:
        """The business clock when it was first asked for: UTC in production, moved forward in sandbox mode."""
        if self._now is None:
            self._now = await self.bare.fetchval("select business_now()")
        return self._now

    def heard_business_now(self, now: datetime) -> None:
        """Take it from a statement that told it along: the first word counts."""
        self._now = self._now or now

    async def audit(
        self, action: str, subject_kind: str, subject_id: object, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Write one audit row; every change of state has one in its own transaction."""
        self._keep("audit", self._organization_id, action, subject_kind, str(subject_id), dict(detail or {}))

    async def open_case(
        self, kind: str, subject_kind: str, subject_id: object, summary: str, evidence: Mapping[str, Any]
    ) -> None:
        """Open a case for a person, or add the evidence to the one that is open for this subject."""
        standing = await self.one_or_none(
            select(case_file.c.id).where(
                case_file.c.kind == kind,
                case_file.c.subject_kind == subject_kind,
                case_file.c.subject_id == str(subject_id),
                case_file.c.state == "open",
            )
        )
        await self.connection.execute(
            text("select open_case(:organization, :kind, :subject_kind, :id, :summary, cast(:evidence as jsonb))"),
            {
                "organization": self.organization_id,
                "kind": kind,
                "subject_kind": subject_kind,
                "id": str(subject_id),
                "summary": summary,
                "evidence": json.dumps(evidence, default=str),
            },
        )
        if standing is None:
            await self.audit("case.opened", subject_kind, subject_id, {"kind": kind, "summary": summary})

    async def tell(
        self, type_: str, subject_kind: str, subject_id: object, payload: Mapping[str, Any] | None = None
    ) -> None:
        """Write an outgoing event for the organization's webhook endpoints."""
        self._keep("event", self.organization_id, new_id(), type_, subject_kind, str(subject_id), dict(payload or {}))

    async def keep_answer(self, key: str, status: int | None, response: Mapping[str, Any]) -> None:
        """Keep what a request is answered under its idempotency key, which this organization has claimed."""
        self._keep("answer", self.organization_id, key, status, dict(response))

    async def start_workflow(self, run: WorkflowRun, *, after_seconds: int = 0) -> None:
        """Have a flow's workflow started after commit; a second start of the same id counts as success.

        `after_seconds` leaves the start to somebody else that long: a parent workflow that may be lost.
        """
        self._leave("start", run, after_seconds)

    async def wake_workflow(self, run: WorkflowRun) -> None:
        """Have a flow look at its rows again after commit; one that no longer runs goes on under its restart id."""
        self._leave("wake", run)

    def _leave(self, kind: str, run: WorkflowRun, after_seconds: int = 0) -> None:
        row = {
            "id": new_id(),
            "kind": kind,
            "workflow": run.workflow,
            "workflow_id": run.workflow_id,
            "restart_id": run.restart_id,
            # as it will stand: what is not JSON is an error, and no text of it reaches a workflow
            "argument": json.loads(json.dumps(dict(run.argument))),
            "search_attributes": json.loads(json.dumps(dict(run.search_attributes))),
            "summary": run.summary,
            "path": run.path,
        }
        left_alone = max(after_seconds, DELIVERY_SECONDS if self._delivers else 0)
        self._keep("run", self.organization_id, *row.values(), left_alone)
        if self._delivers and not after_seconds:
            self.outbox.append(row)
