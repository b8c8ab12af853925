"""The flow `ach-credit`: one money step, CKC3 or CKS3.

A payout goes by the account's token, a refund by the debit's GUID. Both leave the organization's cash when they are
recorded: what is not there is not promised.
"""

from db.flows.ach_account_rule import require_usable
from db.flows.ach_correction import require_no_correction_pending
from db.flows.ach_debit import storage_bric
from db.flows.ach_original import family_of, require_refundable
from db.flows.ach_steps import AchEntrySteps, ServerPost
from db.flows.base import FlowRow
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.ach_ledger import submission_lines
from domain.server_post import tran_type

CREDIT = "credit"


class AchCreditSteps(AchEntrySteps):
    """What `ach-credit` records; its row is a REFUND with a parent, or a DEBIT of direction credit (a payout)."""

    flow = "ach-credit"
    step = CREDIT

    async def post(self, uow: UnitOfWork, row: FlowRow) -> ServerPost:
        """Refused unless the account, and for a refund the debit, still allow it."""
        account = await queries.get_account(uow, row["account_id"], share=True)
        if row["parent_transaction_id"] is None:
            await require_no_correction_pending(uow, row["account_id"])
        require_usable(account)
        if row["parent_transaction_id"] is None:
            operation, token = tran_type(account["account_type"], "credit"), storage_bric(uow, account)
        else:
            original = await queries.get_transaction(uow, row["parent_transaction_id"], lock=True)
            await require_refundable(uow, original, self.terms, asked_by=row["id"])
            operation, token = await family_of(uow, original) + "3", original["auth_guid"]
        return ServerPost(operation, token, row["sec"], submission_lines(row))
