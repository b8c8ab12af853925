"""What PayPal's events do to reimbursements, whenever they come and however often."""

from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowRow
from db.flows.reimbursement import ReimbursementSteps
from db.flows.reimbursement_events import BankWord, hear
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from domain.inbox import InboxEvent, Verdict
from domain.money_call import OPEN_STATES, MoneyCall
from rails.paypal.answer import classify_item
from rails.paypal.event import ITEM, NotAnEvent, PayPalEvent, read_event

_UNKNOWN = "no money call of ours has this batch"


class PayPalEvents:
    """What becomes of payout items; of batches nothing follows, each has one item."""

    def __init__(self, steps: ReimbursementSteps) -> None:
        self._steps = steps

    async def owner(self, uow: UnitOfWork, event: InboxEvent) -> UUID | Verdict:
        """The organization whose money call the event speaks of."""
        call = await _call(uow, event)
        if call is None and not event.kind.startswith(ITEM):
            return Verdict("ignored", "not about a payout item")
        if call is None:
            return Verdict("wait", _UNKNOWN)
        owner: UUID = call["organization_id"]
        return owner

    async def apply(self, uow: UnitOfWork, event: InboxEvent) -> Verdict:
        """Apply it once its call is settled; what contradicts our books becomes a case."""
        found = await _call(uow, event)
        if found is None:
            return Verdict("wait", _UNKNOWN)
        row = await self._steps.lock(uow, found["flow_id"])
        call = await money_calls.get(uow, found["id"], lock=True)
        if call is None or call.state in OPEN_STATES:
            # it is evidence: whoever finds out about the call reads the inbox first
            await uow.wake_workflow(self._steps.run(row))
            return Verdict("wait", "the money call is not settled yet")
        try:
            told = read_event(event.payload)
        except NotAnEvent:
            return Verdict("wait", "the event cannot be read")
        if told.meaning == "of_no_concern":
            return Verdict("processed", "nothing follows")
        outcome = classify_item(call, told.item)
        if outcome.state != "applied":
            return Verdict("wait", outcome.message)
        if call.state == "refused":
            today = (await uow.business_now()).date()
            await uow.money_calls.settle(call, outcome, by="event", effective_date=today)
            return Verdict("processed", "contradicts the refusal: a case is open")
        return await self._follows(uow, row, call, told)

    async def _follows(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, told: PayPalEvent) -> Verdict:
        stage = told.status.lower()
        code = None if told.meaning == "under_way" else told.code or (stage if told.meaning == "returned" else None)
        meaning = told.meaning if told.meaning != "of_no_concern" else "under_way"
        followed = await hear(uow, row, call, BankWord(meaning, code, told.reason, stage))
        await uow.wake_workflow(self._steps.run(await self._steps.read(uow, row["id"])))
        return Verdict("processed", followed)


async def _call(uow: UnitOfWork, event: InboxEvent) -> RowMapping | None:
    return await money_calls.by_rail(uow, event.source, event.subject, event.reference or "")
