"""The flow `ach-debit`: one money step, CKC2 or CKS2, from a stored and verified account."""

from collections.abc import Sequence
from datetime import date

from db.flows.ach_authorization_rule import require_allowed_still
from db.flows.ach_correction import require_no_correction_pending
from db.flows.ach_steps import AchEntrySteps, ServerPost
from db.flows.base import FlowRow
from db.queries import ach as queries
from db.queries import ach_authorization as authorizations
from db.unit_of_work import UnitOfWork
from domain.ach_ledger import submission_lines
from domain.errors import BursarError, LimitExceeded, StateConflict
from domain.money import Money
from domain.money_call import MoneyCall, Outcome, Posting
from domain.server_post import tran_type

DEBIT = "debit"


def token_context(account_id: object) -> str:
    """What an account's encrypted storage BRIC is bound to."""
    return f"ach_account/{account_id}/storage_bric"


def storage_bric(uow: UnitOfWork, account: FlowRow) -> str:
    """The token that stands for the account at the gateway."""
    return uow.envelope.open(account["storage_bric"], context=token_context(account["id"])).decode()


def require_usable(account: FlowRow) -> None:
    """Refuse an account that may not be debited or credited, naming why."""
    if not account["is_active"]:
        raise StateConflict("account_disabled", "The account is disabled.", field="account_id", who_must_act="payee")
    if account["state"] != "stored" or account["verification_state"] != "verified":
        raise StateConflict(
            "account_not_verified",
            "The account is not verified yet: its state is "
            f"{account['state']}, its verification {account['verification_state']}.",
            field="account_id",
            retry="later",
        )


def require_debitable(account: FlowRow) -> None:
    """Refuse an account that may not be debited, naming why."""
    require_usable(account)
    if account["prenote_direction"] == "credit":
        raise StateConflict(
            "account_takes_credits_only", "The account was stored for credits only.", field="account_id"
        )


async def require_within_limits(
    uow: UnitOfWork, merchant: FlowRow, money: Money, day: date, direction: str = "debit"
) -> None:
    """Refuse what passes the merchant's limits for one entry or one New York date; debits and credits count apart.

    The merchant's row must be locked: whoever passes holds the rest of the day's limit until the new entry stands.
    """
    if money.minor_units > merchant["per_transaction_limit"]:
        raise LimitExceeded(f"The amount is above the merchant's limit for one {direction}.", field="amount")
    taken = await queries.taken_on(uow, merchant["id"], day, direction)
    if taken + money.minor_units > merchant["per_day_limit"]:
        raise LimitExceeded(
            "The amount passes what is left of the merchant's limit for the day.",
            field="amount",
            code="day_limit_exceeded",
        )


class AchDebitSteps(AchEntrySteps):
    """What `ach-debit` records, and what the gateway's answer does to the transaction."""

    flow = "ach-debit"
    step = DEBIT

    async def post(self, uow: UnitOfWork, row: FlowRow) -> ServerPost:
        """CKC2 or CKS2 with the account's token. Refused unless the account is still debitable."""
        await require_no_correction_pending(uow, row["account_id"])
        account = await queries.get_account(uow, row["account_id"])
        require_debitable(account)
        await require_allowed_still(uow, row)
        operation = tran_type(account["account_type"], "debit")
        return ServerPost(operation, storage_bric(uow, account), row["sec"], submission_lines(row))

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
