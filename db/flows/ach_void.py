"""The flow `ach-void`: one money step, CKCX or CKSX, that takes a debit back before it goes out."""

from collections.abc import Sequence

from db.flows.ach_original import family_of, require_in_time, require_voidable
from db.flows.ach_run import run_of
from db.flows.ach_steps import AchEntrySteps, ServerPost, withdraw_entry
from db.flows.base import FlowRow
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.ach_ledger import submission_lines, void_lines
from domain.errors import BursarError, StateConflict
from domain.money_call import MoneyCall, Outcome, Posting

VOID = "void"
NOT_DELIVERED = "void_not_delivered"
_NOT_DELIVERED = "The void did not reach the gateway before the debit went out. Refund the debit once it has settled."


class AchVoidSteps(AchEntrySteps):
    """What `ach-void` records; its row is a VOID whose parent is the debit."""

    flow = "ach-void"
    step = VOID

    async def post(self, uow: UnitOfWork, row: FlowRow) -> ServerPost:
        """Refused unless the debit still waits to go out. The family is the debit's; a void has no SEC."""
        original = await queries.get_transaction(uow, row["parent_transaction_id"], lock=True)
        await require_voidable(uow, original, self.terms, asked_by=row["id"])
        return ServerPost(await family_of(uow, original) + "X", original["auth_guid"], None, void_lines(original))

    async def withdraw_late(self, uow: UnitOfWork, row: FlowRow) -> bool:
        """A void that did not reach the gateway until the cut-off is taken back: sent later it would void nothing."""
        original = await queries.get_transaction(uow, row["parent_transaction_id"], lock=True)
        try:
            await require_in_time(uow, original, self.terms)
        except StateConflict:
            await self._tell_person(uow, row)
            await withdraw_entry(uow, row, NOT_DELIVERED, _NOT_DELIVERED, must_act="operator")
            return True
        return await super().withdraw_late(uow, row)

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Refused before anything was sent; whoever was told 202 learns it from a case when it was only too late."""
        await super().not_recorded(uow, row, step, refusal)
        if refusal.code == "TRANSACTION_ALREADY_SETTLED" and row["ach_state"] == AchState.CREATED:
            await self._tell_person(uow, row)

    async def _tell_person(self, uow: UnitOfWork, row: FlowRow) -> None:
        debit = {"debit": str(row["parent_transaction_id"])}
        await uow.open_case(NOT_DELIVERED, self.flow, row["id"], _NOT_DELIVERED, debit)

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """A void that was taken ends the debit; one that the bank's reports belie is undone, and a person is told."""
        await super().settled(uow, row, call, outcome)
        if outcome.state != "applied":
            return ()
        original = await queries.get_transaction(uow, row["parent_transaction_id"], lock=True)
        if original["ach_state"] == AchState.ACCEPTED:
            await queries.change_transaction(uow, original["id"], "voided", ach_state=AchState.VOIDED)
            await uow.wake_workflow(run_of(original))
            return ()
        await uow.open_case(
            "void_without_effect",
            self.flow,
            row["id"],
            "The gateway took the void of a debit that went out all the same. Ask the gateway which of the two the bank"
            " did; if the debit stands and is to be given back, pay it out without a parent.",
            {"money_call_id": str(call.id), "debit": str(original["id"]), "debit_state": original["ach_state"]},
        )
        key = f"{self.flow}/{row['id']}/{call.id}/without_effect"
        return (Posting(key, "ach_void_without_effect", submission_lines(original)),)
