"""Top-ups: an operator books a line of the bank's statement that took money to our PayPal balance, once."""

from datetime import date

from sqlalchemy import RowMapping

from db.queries import paypal_top_up as queries
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.principal import Principal
from domain.reimbursement_lines import paypal_top_up

CURRENCY = "USD"


async def record(uow: UnitOfWork, asker: Principal, amount: int, *, bank_reference: str, moved_on: date) -> RowMapping:
    """Book money that has left FS Main for PayPal: a fact. Once per line of the bank."""
    if moved_on > (await uow.business_now()).date():
        raise InvalidInput("moved_on", "The money cannot have moved in the future.")
    top_up_id = new_id()
    booked = await queries.add(
        uow,
        top_up_id,
        {
            "bank_reference": bank_reference,
            "amount": amount,
            "currency": CURRENCY,
            "moved_on": moved_on,
            "recorded_by": asker.operator_id,
        },
    )
    if not booked:
        raise StateConflict("top_up_booked_already", "This line of the bank's statement is booked already.")
    await uow.audit("paypal_top_up.recorded", "paypal_top_up", top_up_id, {"amount": amount})
    await uow.tell("paypal_top_up.recorded", "paypal_top_up", top_up_id, {"amount": amount})
    await uow.ledger.post(
        f"paypal_top_up/{top_up_id}",
        "paypal_top_up",
        CURRENCY,
        paypal_top_up(amount),
        moved_on,
        description=f"To PayPal {bank_reference}",
        fact=True,
    )
    return await queries.get(uow, top_up_id)
