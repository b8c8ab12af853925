"""Deposits: an operator books a line of the bank's statement for an organization, once."""

from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping

from db.queries import deposit as queries
from db.queries import wire_return as wire_returns
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.money import Money
from domain.principal import Principal
from domain.reimbursement_lines import deposit


async def record(
    uow: UnitOfWork, asker: Principal, money: Money, *, bank_account: str, bank_reference: str, received_on: date
) -> RowMapping:
    """Book money that is in the bank. A fact: the ledger takes it whatever the account's state. Once per bank line."""
    if money.currency != "USD":
        raise InvalidInput("currency", "The bank account is in US dollars.", code="unsupported_currency")
    if received_on > (await uow.business_now()).date():
        raise InvalidInput("received_on", "The money cannot have come in the future.")
    deposit_id: UUID = new_id()
    if await wire_returns.line_is_booked(uow, deposit_id, bank_reference):
        raise StateConflict("deposit_booked_already", "This line of the bank's statement is booked already.")
    booked = await queries.add(
        uow,
        deposit_id,
        {
            "bank_account": bank_account,
            "bank_reference": bank_reference,
            "amount": money.minor_units,
            "currency": money.currency,
            "received_on": received_on,
            "recorded_by": asker.operator_id,
        },
    )
    if not booked:
        raise StateConflict("deposit_booked_already", "This line of the bank's statement is booked already.")
    await uow.audit("deposit.recorded", "deposit", deposit_id, {"amount": money.minor_units})
    await uow.tell("deposit.recorded", "deposit", deposit_id, {"amount": money.minor_units})
    await uow.ledger.post(
        f"deposit/{deposit_id}",
        "deposit",
        money.currency,
        deposit(uow.organization_id, money.minor_units),
        received_on,
        description=f"Deposit {bank_reference}",
        fact=True,
    )
    return await queries.get(uow, deposit_id)
