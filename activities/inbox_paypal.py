"""What PayPal's events do to reimbursements: what becomes of payout items, and that a whole batch was denied."""

from activities.inbox_payout import PayoutEvents
from db.flows.base import FlowRow
from db.flows.reimbursement_events import BankWord
from db.unit_of_work import UnitOfWork
from domain.inbox import InboxEvent, Verdict
from domain.money_call import MoneyCall
from rails.paypal.answer import classify_item
from rails.paypal.event import BATCH_WAS_DENIED, ITEM, NotAnEvent, read_event


class PayPalEvents(PayoutEvents):
    """By an item's own state, or that nothing of its batch was paid."""

    ours = (ITEM, BATCH_WAS_DENIED)

    async def told(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, event: InboxEvent) -> Verdict:
        """What follows from it."""
        try:
            told = read_event(event.payload)
        except NotAnEvent:
            return Verdict("wait", "the event cannot be read")
        if told.meaning == "of_no_concern":
            return Verdict("processed", "nothing follows")
        if told.meaning == "not_known":
            # nothing is guessed: it waits, and becomes a case
            return Verdict("wait", "PayPal's word for what became of the item is none that we know")
        if told.meaning == "denied":
            if call.state == "refused":
                return Verdict("processed", "nothing follows")
            if (told.reference, told.batch_id) != (call.rail_reference, call.rail_id):
                return Verdict("wait", "the event is about another batch")
            return await self.follow(uow, row, call, BankWord("returned", told.code, told.reason, told.status.lower()))
        outcome = classify_item(call, told.item)
        if call.state == "refused":
            return await self.contradicts(uow, call, outcome)
        if outcome.state != "applied":
            return Verdict("wait", outcome.message)
        stage = told.status.lower()
        code = None if told.meaning == "under_way" else told.code or (stage if told.meaning == "returned" else None)
        return await self.follow(uow, row, call, BankWord(told.meaning, code, told.reason, stage, fee=told.fee))
