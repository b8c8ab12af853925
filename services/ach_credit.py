"""Credit an account: a payout, or a refund of a settled debit (seed 003, section 3)."""

from uuid import UUID

from sqlalchemy import RowMapping

from db.flows import ach_terms
from db.flows.ach_new_entry import NewEntry, add_entry, add_one_off
from db.flows.ach_original import require_left, require_refundable
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, StateConflict
from domain.money import Money
from settings import Settings


async def pay_out(uow: UnitOfWork, account_id: UUID, money: Money, description: str) -> RowMapping:
    """Start a payout to a verified account, within the merchant's limits for credits."""
    return await add_one_off(
        uow,
        account_id,
        "credit",
        lambda account: NewEntry("DEBIT", "credit", money, credit_sec(account["sec"]), description),
    )


async def refund(
    uow: UnitOfWork, settings: Settings, parent_id: UUID, account_id: UUID | None, money: Money, description: str
) -> RowMapping:
    """Start a refund of a debit, to the account it came from. The debit's row is locked until the refund stands."""
    original = await queries.get_transaction(uow, parent_id, lock=True)
    await require_refundable(uow, original, ach_terms(settings))
    if account_id is not None and account_id != original["account_id"]:
        raise StateConflict("other_account", "A refund goes to the account that was debited.", field="account_id")
    if money.currency != original["currency"]:
        raise InvalidInput("currency", "A refund has the debit's currency.", code="unsupported_currency")
    await require_left(uow, original, money)
    new = NewEntry("REFUND", "credit", money, credit_sec(original["sec"]), description, parent_id)
    return await add_entry(uow, original["account_id"], new)


def credit_sec(sec: str) -> str:
    """Credits to a consumer are PPD: WEB and TEL are for debits (Nacha; WEB credits are between persons)."""
    return "CCD" if sec == "CCD" else "PPD"
