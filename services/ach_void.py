"""Void a debit before it goes out (seed 003, section 4)."""

from uuid import UUID

from sqlalchemy import RowMapping

from db.flows import ach_terms
from db.flows.ach_new_entry import NewEntry, add_entry
from db.flows.ach_original import require_debit, require_voidable
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput
from domain.money import Money
from settings import Settings


async def void(uow: UnitOfWork, settings: Settings, debit_id: UUID, amount: int | None, reason: str) -> RowMapping:
    """Start a void. `amount`, where given, must be the debit's: the gateway ignores it, so it is checked here.

    The debit's row is locked until the void stands: of a void and a refund at once, one is refused by name.
    """
    original = await queries.get_transaction(uow, debit_id, lock=True)
    require_debit(original)
    if amount is not None and amount != original["amount"]:
        raise InvalidInput("amount", "A void has the amount of its debit.", code="AMOUNT_MISMATCH")
    await require_voidable(uow, original, ach_terms(settings))
    money = Money(original["amount"], original["currency"])
    new = NewEntry("VOID", "debit", money, original["sec"], reason, debit_id)
    return await add_entry(uow, original["account_id"], new)
