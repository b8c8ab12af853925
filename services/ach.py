"""ACH as a client asks for it: merchants, storing an account, debiting it (seed 003, sections 1 and 2)."""

import json
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.flows import all_flows
from db.flows.ach_account import holder_context, number_context
from db.flows.ach_new_entry import NewEntry, add_one_off
from db.flows.base import FlowRow
from db.queries import ach as queries
from db.unit_of_work import UnitOfWork
from domain.authorization import BASES, require_basis
from domain.bank_account import AccountNumber, AccountType
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.money import Money
from domain.routing import require_routing_number
from settings import Settings

SEC_CODES = ("PPD", "CCD", "WEB", "TEL")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to store. Names are limited to what the gateway takes: 25 characters each, 22 for a company."""

    merchant_id: UUID
    customer_id: str
    account_type: AccountType
    routing_number: str
    account_number: AccountNumber
    sec: str
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    bank_name: str | None = None
    prenote_direction: Literal["debit", "credit"] = "debit"


async def create_merchant(
    uow: UnitOfWork, settings: Settings, name: str, terminal: dict[str, str], **given: Any
) -> UUID:
    """A merchant with its four-part key; limits and verification policy default to the settings."""
    merchant_id = new_id()
    values = {
        "id": merchant_id,
        "name": name,
        **terminal,
        "verification_policy": given.get("verification_policy") or settings.epx.verification_policy,
        "per_transaction_limit": given.get("per_transaction_limit") or settings.limits.per_transaction,
        "per_day_limit": given.get("per_day_limit") or settings.limits.per_day,
        "reinitiate_returns": bool(given.get("reinitiate_returns")),
    }
    try:
        async with uow.savepoint():
            await queries.add_merchant(uow, values)
    except IntegrityError:
        raise StateConflict("merchant_exists", "A merchant of this name exists already.", field="name") from None
    await uow.audit("merchant.created", "merchant", merchant_id, {"name": name})
    return merchant_id


async def store_account(uow: UnitOfWork, settings: Settings, new: NewAccount) -> tuple[RowMapping, bool]:
    """Start storing an account. The same merchant, customer and account again is the same account: (row, False)."""
    routing = require_routing_number(new.routing_number, field="routing_number")
    merchant = await queries.get_merchant(uow, new.merchant_id)
    fingerprint = uow.fingerprint.of("ach_account", str(new.account_type), routing, new.account_number.reveal())
    account_id = new_id()
    values = {
        "id": account_id,
        "merchant_id": new.merchant_id,
        "customer_id": new.customer_id,
        "account_type": new.account_type.value,
        "routing_number": routing,
        "account_number": uow.envelope.seal(new.account_number.reveal().encode(), context=number_context(account_id)),
        "holder": uow.envelope.seal(json.dumps(_holder(new)).encode(), context=holder_context(account_id)),
        "last_four": new.account_number.last_four,
        "fingerprint": fingerprint,
        "sec": new.sec,
        "bank_name": new.bank_name,
        "prenote_direction": new.prenote_direction,
        "verification_policy": merchant["verification_policy"],
    }
    if not await queries.add_account(uow, values):
        standing = await queries.live_account(uow, new.merchant_id, new.customer_id, fingerprint)
        if standing is None:
            raise StateConflict("account_changing", "The same account is being changed: try again.", retry="later")
        return standing, False
    row = await queries.get_account(uow, account_id)
    await uow.audit("ach_account.created", "ach-account", account_id, {"customer_id": new.customer_id})
    await uow.tell("ach_account.created", "ach-account", account_id)
    await uow.start_workflow(all_flows(settings)["ach-account"].run(row))
    return row, True


def _holder(new: NewAccount) -> dict[str, str]:
    if new.sec == "CCD":
        if not new.company_name:
            raise InvalidInput("company_name", "CCD needs the receiving company's name.")
        return {"RECV_NAME": new.company_name}
    if not new.first_name or not new.last_name:
        field = "first_name" if not new.first_name else "last_name"
        raise InvalidInput(field, "The account holder's first and last name are needed.")
    return {"FIRST_NAME": new.first_name, "LAST_NAME": new.last_name}


async def verify_account(
    uow: UnitOfWork, settings: Settings, account_id: UUID, *, validator: str, reference: str
) -> RowMapping:
    """Verify an account of the policy `external` by another validator's proof; the prenote may still revoke it."""
    row = await queries.get_account(uow, account_id, lock=True)
    if row["verification_policy"] != "external":
        raise StateConflict("not_verified_by_proof", f"The account is verified by {row['verification_policy']}.")
    if row["state"] != "stored" or row["verification_state"] != "submitted":
        raise StateConflict(
            "account_not_verifiable",
            f"The account is {row['state']}, its verification {row['verification_state']}.",
        )
    await queries.change_account(
        uow,
        account_id,
        "verified",
        verification_state="verified",
        validator=validator,
        validation_reference=reference,
    )
    await uow.wake_workflow(all_flows(settings)["ach-account"].run(row))
    return await queries.get_account(uow, account_id)


async def debit(
    uow: UnitOfWork,
    account_id: UUID,
    money: Money,
    sec: str | None,
    description: str,
    basis: str | None = None,
) -> RowMapping:
    """Start a one-off debit of a verified account, within the merchant's limits; it records how it was authorized."""

    def entry_of(account: FlowRow) -> NewEntry:
        chosen = sec or account["sec"]
        authorized = basis or BASES[chosen][0]
        require_basis(chosen, authorized, recurring=False, field="authorization_basis")
        return NewEntry("DEBIT", "debit", money, chosen, description, authorization_basis=authorized)

    return await add_one_off(uow, account_id, "debit", entry_of)
