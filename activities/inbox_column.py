"""What Column's events do to reimbursements, whenever they come and however often."""

from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.base import FlowRow
from db.flows.reimbursement import ReimbursementSteps
from db.flows.reimbursement_events import BankWord, hear
from db.queries import money_call as money_calls
from db.unit_of_work import UnitOfWork
from domain.inbox import InboxEvent, Verdict
from domain.money_call import OPEN_STATES, MoneyCall
from domain.reimbursement_step import StepKind
from rails.column.answer import classify_transfer
from rails.column.event import ColumnEvent, NotAnEvent, read_event

_OURS = ("ach.outgoing_transfer.", "book.transfer.", "check.incoming_debit.")
_UNKNOWN = "no money call of ours has this transfer"


class ColumnEvents:
    """What becomes of ACH transfers and checks; other events only prove that a transfer was made."""

    def __init__(self, steps: ReimbursementSteps) -> None:
        self._steps = steps

    async def owner(self, uow: UnitOfWork, event: InboxEvent) -> UUID | Verdict:
        """The organization whose money call the event speaks of."""
        call = await _call(uow, event)
        if call is None and not event.kind.startswith(_OURS):
            return Verdict("ignored", "not about a transfer that we make")
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
        if call.state == "refused":
            return await self._contradicts(uow, call, told)
        return await self._follows(uow, row, call, told)

    async def _follows(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, told: ColumnEvent) -> Verdict:
        if call.step != StepKind.PAYOUT or told.meaning == "of_no_concern":
            return Verdict("processed", "nothing follows")
        if told.meaning == "change_asked":
            evidence = {"money_call_id": call.id, "code": told.code, "asked": told.reason}
            summary = "The receiving bank asks for a correction of the payee's bank details"
            await uow.open_case("notification_of_change", self._steps.flow, row["id"], summary, evidence)
            return Verdict("processed", "a case is open")
        if (told.amount, told.currency) != (call.money.minor_units, call.money.currency):
            return Verdict("wait", "the bank speaks of another amount")
        followed = await hear(uow, row, call, BankWord(told.meaning, told.code, told.reason, told.stage))
        await uow.wake_workflow(self._steps.run(await self._steps.read(uow, row["id"])))
        return Verdict("processed", followed)

    @staticmethod
    async def _contradicts(uow: UnitOfWork, call: MoneyCall, told: ColumnEvent) -> Verdict:
        """Column speaks of a transfer that it refused: kept as evidence, with a case that stops further payments."""
        outcome = classify_transfer(call, told.transfer)
        if outcome.state != "applied":
            return Verdict("wait", "the event does not fit the refused money call")
        today = (await uow.business_now()).date()
        await uow.money_calls.settle(call, outcome, by="event", effective_date=today)
        return Verdict("processed", "contradicts the refusal: a case is open")


async def _call(uow: UnitOfWork, event: InboxEvent) -> RowMapping | None:
    return await money_calls.by_rail(uow, event.source, event.subject, event.reference or "")
