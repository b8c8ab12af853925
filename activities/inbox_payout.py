"""What every rail's events about payouts have in common: whose they are, and that they wait for their call."""

from abc import ABC, abstractmethod
from typing import ClassVar
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowRow
from db.flows.reimbursement import ReimbursementSteps
from db.flows.reimbursement_events import BankWord, hear
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from domain.inbox import InboxEvent, Verdict
from domain.money_call import OPEN_STATES, MoneyCall, Outcome
from domain.payout import ENDED

_UNKNOWN = Verdict("wait", "no money call of ours has this transfer")


class PayoutEvents(ABC):
    """Applied whenever they come and however often. One class per rail says what its events mean."""

    ours: ClassVar[tuple[str, ...]]
    """How the names begin of events that are about a transfer which only we make."""

    def __init__(self, steps: ReimbursementSteps) -> None:
        self._steps = steps

    async def owner(self, uow: UnitOfWork, event: InboxEvent) -> UUID | Verdict:
        """The organization whose money call the event speaks of."""
        call = await _call(uow, event)
        if call is None:
            return _UNKNOWN if event.kind.startswith(self.ours) else Verdict("ignored", "not about what we make")
        owner: UUID = call["organization_id"]
        return owner

    async def apply(self, uow: UnitOfWork, event: InboxEvent) -> Verdict:
        """Apply it once its call is settled; what contradicts our books becomes a case."""
        found = await _call(uow, event)
        if found is None:
            return _UNKNOWN
        row = await self._steps.lock(uow, found["flow_id"])
        call = await money_calls.get(uow, found["id"], lock=True)
        if call is None or call.state in OPEN_STATES:
            # it is evidence: whoever finds out about the call reads the inbox first
            await uow.wake_workflow(self._steps.run(row))
            return Verdict("wait", "the money call is not settled yet")
        return await self.told(uow, row, call, event)

    @abstractmethod
    async def told(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, event: InboxEvent) -> Verdict:
        """Do what follows for a call that is settled; its report is locked."""

    async def follow(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, word: BankWord) -> Verdict:
        """The rail's word on an attempt that it took. A payout that was over and stays so has nobody to be woken."""
        followed = await hear(uow, row, call, word)
        after = await self._steps.read(uow, row["id"])
        if not (_is_over(row) and _is_over(after)):
            await uow.wake_workflow(self._steps.run(after))
        return Verdict("processed", followed)

    @staticmethod
    async def contradicts(uow: UnitOfWork, call: MoneyCall, outcome: Outcome) -> Verdict:
        """The rail has what it had refused: kept as evidence, with a case that stops further payments."""
        if outcome.state != "applied":
            return Verdict("wait", "the event does not fit the refused money call")
        today = (await uow.business_now()).date()
        await uow.money_calls.settle(call, outcome, by="event", effective_date=today)
        return Verdict("processed", "contradicts the refusal: a case is open")


def _is_over(row: FlowRow) -> bool:
    """Whether its workflow has nothing left to do: it came to this end, or was woken by whoever wrote it."""
    return bool(row["holding"]["state"] in ENDED)


async def _call(uow: UnitOfWork, event: InboxEvent) -> RowMapping | None:
    return await money_calls.by_rail(uow, event.source, event.subject, event.reference or "")
