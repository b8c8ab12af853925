"""Settle a money call: the outcome, the flow's own rows, the ledger, audit and events in one transaction."""

from collections.abc import Mapping
from uuid import UUID

from activities.persistence import keep_trying
from db.engine import Database
from db.flows.base import FlowSteps
from db.queries import money_call as queries
from domain.errors import NotFound
from domain.money_call import MoneyCall, Outcome, Posting


class Settler:
    """Writes outcomes. One instance per process; `flows` by name."""

    def __init__(self, database: Database, flows: Mapping[str, FlowSteps], *, deadline_seconds: float) -> None:
        self._database = database
        self._flows = flows
        self.deadline_seconds = deadline_seconds

    async def keep_settling(self, call: MoneyCall, outcome: Outcome, *, by: str) -> bool:
        """Settle, trying again until the named deadline: an answer that was read is not lost to a database restart."""
        return await keep_trying(
            lambda: self.settle(call, outcome, by=by), deadline_seconds=self.deadline_seconds, money_call_id=call.id
        )

    async def settle(
        self,
        call: MoneyCall,
        outcome: Outcome,
        *,
        by: str,
        actor: str | None = None,
        request_id: str | None = None,
        operator_id: UUID | None = None,
        proposal_hash: bytes | None = None,
    ) -> bool:
        """Settle once. False when the outcome stood already, says nothing new, or contradicts (then a case is open).

        `actor` and `request_id` are those of a person's request; without one, `by` says who.
        """
        async with self._database.unit_of_work(
            call.organization_id, actor=actor or f"money-call/{by}", request_id=request_id
        ) as uow:
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
                if by in ("person", "event", "cancel") or current.state == "needs_person":
                    # nobody asks any more what became of it: the flow waits to be told
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
