"""Settle a money call: the outcome, the flow's own rows, the ledger, audit and events in one transaction."""

import asyncio
import time
from collections.abc import Mapping
from uuid import UUID

import structlog

from db.engine import Database
from db.flows.base import FlowSteps
from db.queries import money_call as queries
from domain.errors import BursarError, NotFound
from domain.money_call import MoneyCall, Outcome, Posting

log = structlog.get_logger()


class Settler:
    """Writes outcomes. One instance per process; `flows` by name."""

    def __init__(self, database: Database, flows: Mapping[str, FlowSteps], *, deadline_seconds: float) -> None:
        self._database = database
        self._flows = flows
        self._deadline_seconds = deadline_seconds

    async def keep_settling(self, call: MoneyCall, outcome: Outcome, *, by: str) -> bool:
        """Settle, trying again until the named deadline: an answer that was read is not lost to a database restart."""
        give_up = time.monotonic() + self._deadline_seconds
        pause = 0.05
        while True:
            try:
                return await self.settle(call, outcome, by=by)
            except BursarError:
                raise
            except Exception as error:
                # whatever the driver raises when its server goes away; the deadline bounds us
                if time.monotonic() + pause > give_up:
                    log.error("settle_gave_up", money_call_id=str(call.id), error=type(error).__name__)
                    raise
                log.warning("settle_again", money_call_id=str(call.id), error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    async def settle(
        self,
        call: MoneyCall,
        outcome: Outcome,
        *,
        by: str,
        actor: str | None = None,
        operator_id: UUID | None = None,
        proposal_hash: bytes | None = None,
    ) -> bool:
        """Settle once. False when the outcome stood already, says nothing new, or contradicts (then a case is open)."""
        async with self._database.unit_of_work(call.organization_id, actor=actor or f"money-call/{by}") as uow:
            flow = self._flows[call.flow]
            row = await flow.lock(uow, call.flow_id)
            current = await queries.get(uow, call.id, lock=True)
            if current is None:
                raise NotFound("money call")
            today = (await uow.business_now()).date()
            postings: tuple[Posting, ...] = ()
            if self._is_new(current, call, outcome, by):
                wallets = await queries.wallets_of(uow, call.id)
                postings = tuple(await flow.settled(uow, row, current, outcome))
                for name, flow_id in await queries.take_waiters(uow, wallets) if wallets else ():
                    waiting = self._flows[name]
                    await uow.wake_workflow(waiting.run(await waiting.read(uow, flow_id)))
                if by in ("person", "event", "cancel"):
                    await uow.wake_workflow(flow.run(row))
            return await uow.money_calls.settle(
                call,
                outcome,
                by=by,
                effective_date=today,
                postings=postings,
                operator_id=operator_id,
                proposal_hash=proposal_hash,
            )

    @staticmethod
    def _is_new(current: MoneyCall, asked: MoneyCall, outcome: Outcome, by: str) -> bool:
        """Whether the outcome will be written: the same rule as the database's function, under its row lock."""
        if current.state in ("applied", "refused"):
            return False
        stale = by == "answer" and asked.fencing_token < current.fencing_token
        return not (stale and (outcome.state == "refused" or current.strategy == "harmless"))
