"""The flow `ach-void`: one money step, CKCX or CKSX, that takes a debit back before it goes out."""

from collections.abc import Sequence

from db.flows.ach_original import family_of, require_voidable
from db.flows.ach_run import run_of
from db.flows.ach_steps import AchEntrySteps, ServerPost
from db.flows.base import FlowRow
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.ach_ledger import submission_lines, void_lines
from domain.money_call import MoneyCall, Outcome, Posting

VOID = "void"


class AchVoidSteps(AchEntrySteps):
    """What `ach-void` records; its row is a VOID whose parent is the debit."""

    flow = "ach-void"
    step = VOID

    async def post(self, uow: UnitOfWork, row: FlowRow) -> ServerPost:
        """Refused unless the debit still waits to go out. The family is the debit's; a void has no SEC."""
        original = await queries.get_transaction(uow, row["parent_transaction_id"], lock=True)
        await require_voidable(uow, original, self.terms, asked_by=row["id"])
        return ServerPost(await family_of(uow, original) + "X", original["auth_guid"], None, void_lines(original))

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
            "The gateway took the void of a debit that went out all the same",
            {"money_call_id": str(call.id), "debit": str(original["id"]), "debit_state": original["ach_state"]},
        )
        key = f"{self.flow}/{row['id']}/{call.id}/without_effect"
        return (Posting(key, "ach_void_without_effect", submission_lines(original)),)
