"""The flow `ach-debit`: one money step, CKC2 or CKS2, from a stored and verified account."""

from collections.abc import Sequence

from db.flows.ach_account_rule import require_debitable
from db.flows.ach_authorization_rule import require_allowed_still
from db.flows.ach_correction import require_no_correction_pending
from db.flows.ach_retry_rule import require_settles_in_time
from db.flows.ach_steps import AchEntrySteps, ServerPost
from db.flows.base import FlowRow
from db.queries import ach as queries
from db.queries import ach_authorization as authorizations
from db.unit_of_work import UnitOfWork
from domain.ach_ledger import submission_lines
from domain.errors import BursarError
from domain.money_call import MoneyCall, Outcome, Posting
from domain.server_post import tran_type

DEBIT = "debit"


def token_context(account_id: object) -> str:
    """What an account's encrypted storage BRIC is bound to."""
    return f"ach_account/{account_id}/storage_bric"


def storage_bric(uow: UnitOfWork, account: FlowRow) -> str:
    """The token that stands for the account at the gateway."""
    return uow.envelope.open(account["storage_bric"], context=token_context(account["id"])).decode()


class AchDebitSteps(AchEntrySteps):
    """What `ach-debit` records, and what the gateway's answer does to the transaction."""

    flow = "ach-debit"
    step = DEBIT

    async def post(self, uow: UnitOfWork, row: FlowRow) -> ServerPost:
        """CKC2 or CKS2 with the account's token. Refused unless the account is still debitable."""
        await require_allowed_still(uow, row)
        await require_settles_in_time(uow, row, self.terms.cut_off)
        account = await queries.get_account(uow, row["account_id"], share=True)
        await require_no_correction_pending(uow, row["account_id"])
        require_debitable(account)
        operation = tran_type(account["account_type"], "debit")
        return ServerPost(operation, storage_bric(uow, account), row["sec"], submission_lines(row))

    async def withdraw_late(self, uow: UnitOfWork, row: FlowRow) -> bool:
        """As of every entry; its authorization shows that the charge failed."""
        withdrawn = await super().withdraw_late(uow, row)
        if withdrawn:
            await self._tell_authorization(uow, row)
        return withdrawn

    async def settled(self, uow: UnitOfWork, row: FlowRow, call: MoneyCall, outcome: Outcome) -> Sequence[Posting]:
        """The authorization that it was made under sends the receipt, or shows that the charge failed."""
        further = await super().settled(uow, row, call, outcome)
        await self._tell_authorization(uow, row)
        return further

    async def not_recorded(self, uow: UnitOfWork, row: FlowRow, step: str, refusal: BursarError) -> None:
        """Refused before anything was sent; its authorization shows that the charge failed."""
        await super().not_recorded(uow, row, step, refusal)
        await self._tell_authorization(uow, row)

    @staticmethod
    async def _tell_authorization(uow: UnitOfWork, row: FlowRow) -> None:
        if row["authorization_id"] is not None:
            await uow.wake_workflow(authorizations.run_of(await authorizations.get(uow, row["authorization_id"])))
