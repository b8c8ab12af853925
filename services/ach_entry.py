"""Start an ACH entry of any kind: its row within the merchant's limits, and its workflow, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping

from db.flows import all_flows
from db.flows.ach_debit import require_within_limits
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.ach import AchState
from domain.calendar import new_york_date
from domain.errors import InvalidInput
from domain.ids import new_id
from domain.money import Money
from settings import Settings


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What an entry is. A payout is a DEBIT of direction credit; a REFUND and a VOID name the debit as `parent`."""

    type: Literal["DEBIT", "REFUND", "VOID"]
    direction: Literal["debit", "credit"]
    money: Money
    sec: str
    description: str = ""
    parent: UUID | None = None
    authorization_basis: str | None = None


async def add_entry(uow: UnitOfWork, settings: Settings, account: Mapping[Any, Any], new: NewEntry) -> RowMapping:
    """Add it; a void has no limits. Where it has a parent, the parent's row must be locked and have been looked at.

    The merchant's row is locked: two entries at once never take the same rest of a day's limit.
    """
    if new.money.currency != "USD":
        raise InvalidInput("currency", "ACH moves US dollars only.", code="unsupported_currency")
    day = new_york_date(await uow.business_now())
    if new.type != "VOID":
        merchant = await queries.get_merchant(uow, account["merchant_id"], lock=True)
        await require_within_limits(uow, merchant, new.money, day, new.direction)
    entry_id = new_id()
    await queries.add_transaction(
        uow,
        {
            "id": entry_id,
            "merchant_id": account["merchant_id"],
            "customer_id": account["customer_id"],
            "account_id": account["id"],
            "parent_transaction_id": new.parent,
            "type": new.type,
            "direction": new.direction,
            "amount": new.money.minor_units,
            "currency": new.money.currency,
            "sec": new.sec,
            "description": new.description,
            "ach_state": AchState.CREATED,
            "business_date": day,
            "authorization_basis": new.authorization_basis,
        },
    )
    row = await queries.get_transaction(uow, entry_id)
    flow = queries.flow_of(row)
    said = {"amount": new.money.minor_units, "parent_transaction_id": new.parent}
    said = {name: value for name, value in said.items() if value is not None}
    await uow.audit(f"{flow.replace('-', '_')}.created", flow, entry_id, said)
    await uow.tell(f"{flow.replace('-', '_')}.created", flow, entry_id, said)
    await uow.start_workflow(all_flows(settings)[flow].run(row))
    return row
