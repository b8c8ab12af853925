"""What Column's events do to reimbursements: what becomes of ACH transfers and checks; others prove a transfer."""

from activities.inbox_payout import PayoutEvents
from db.flows.base import FlowRow
from db.flows.reimbursement_events import BankWord
from db.unit_of_work import UnitOfWork
from domain.inbox import InboxEvent, Verdict
from domain.money_call import MoneyCall
from domain.reimbursement_step import StepKind
from rails.column.answer import classify_transfer
from rails.column.event import NotAnEvent, read_event


class ColumnEvents(PayoutEvents):
    """By a transfer's own state; a notification of change is a case."""

    ours = ("ach.outgoing_transfer.", "book.transfer.", "check.incoming_debit.")

    async def told(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, event: InboxEvent) -> Verdict:
        """What follows from it."""
        try:
            told = read_event(event.payload)
        except NotAnEvent:
            return Verdict("wait", "the event cannot be read")
        if call.state == "refused":
            return await self.contradicts(uow, call, classify_transfer(call, told.transfer))
        if call.step != StepKind.PAYOUT or told.meaning == "of_no_concern":
            return Verdict("processed", "nothing follows")
        if told.meaning == "change_asked":
            evidence = {"money_call_id": call.id, "code": told.code, "asked": told.reason}
            summary = "The receiving bank asks for a correction of the payee's bank details"
            await uow.open_case("notification_of_change", self._steps.flow, row["id"], summary, evidence)
            return Verdict("processed", "a case is open")
        if (told.amount, told.currency) != (call.money.minor_units, call.money.currency):
            return Verdict("wait", "the bank speaks of another amount")
        return await self.follow(uow, row, call, BankWord(told.meaning, told.code, told.reason, told.stage))
