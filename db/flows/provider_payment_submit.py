"""Submitting a payment: what it is for is checked, its items are taken, and its run is started."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.flows.base import FlowSteps
from db.queries import attendance, family, program, provider
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.attendance import require_entered
from domain.childcare_limits import require_payable
from domain.errors import StateConflict
from domain.ids import new_id

Kind = Literal["care_day_id", "lump_sum_id"]


async def submit(
    uow: UnitOfWork,
    steps: FlowSteps,
    allocation: RowMapping,
    items: Sequence[RowMapping],
    kind: Kind,
    description: str,
    *,
    start_after_seconds: int = 0,
) -> tuple[RowMapping, bool]:
    """Record a payment of these items, all of one locked allocation and one provider, and have its run started.

    Items that are in one payment together already are that payment: (row, False). `start_after_seconds` is for a caller
    that starts the run itself: it is started for it where that did not happen.
    """
    standing = await _standing(uow, items)
    if standing is not None:
        return standing, False
    if any(item["deleted_at"] is not None for item in items):
        raise StateConflict("items_changed", "A care day or lump sum was deleted.")
    if allocation["funding_state"] != "funded":
        raise StateConflict(
            "allocation_unfunded", "The allocation's money has not reached the family's wallet yet.", retry="later"
        )
    owner = await program.get(uow, allocation["program_id"])
    amount = sum(item["amount_cents"] for item in items)
    require_payable(amount, owner["cap_cents"], field="amount")
    provider_id: UUID = items[0]["provider_id"]
    require_entered(await attendance.overdue(uow, allocation["child_id"], provider_id, owner["time_zone"]))
    values: dict[str, Any] = {
        "id": new_id(),
        "program_id": owner["id"],
        "family_id": allocation["family_id"],
        "child_id": allocation["child_id"],
        "month": allocation["month"],
        "allocation_id": allocation["id"],
        "provider_id": provider_id,
        "kind": "care_days" if kind == "care_day_id" else "lump_sum",
        "amount_cents": amount,
        "currency": allocation["currency"],
        "method": await _method(uow, allocation["family_id"], provider_id),
        "description": description,
    }
    try:
        async with uow.savepoint():
            row = await queries.add(
                uow, [{kind: item["id"], "amount_cents": item["amount_cents"]} for item in items], **values
            )
    except IntegrityError:
        raise _in_payment() from None
    told = {"amount": amount, "currency": allocation["currency"], "method": row["method"]}
    await uow.audit("provider_payment.submitted", queries.FLOW, row["id"], told)
    await uow.tell("provider_payment.submitted", queries.FLOW, row["id"], told)
    await uow.start_workflow(steps.run(row), after_seconds=start_after_seconds)
    return row, True


async def _standing(uow: UnitOfWork, items: Sequence[RowMapping]) -> RowMapping | None:
    """The payment that exactly these items are in; None when they are in none. Anything between is refused."""
    payments = {item["payment_intent_id"] for item in items}
    if payments == {None}:
        return None
    (payment_id, *others) = payments
    if others or len(await queries.items(uow, payment_id)) != len(items):
        raise _in_payment()
    return await queries.get(uow, payment_id)


async def _method(uow: UnitOfWork, family_id: UUID, provider_id: UUID) -> str:
    """How the provider has chosen to be paid; both sides must have their wallets."""
    payer = await family.chek_user_of(uow, family_id)
    if payer is None:
        raise StateConflict("family_not_onboarded", "The family has no wallet at Chek yet.", who_must_act="operator")
    settings = await provider.payment_settings(uow, provider_id)
    if settings is None:
        raise StateConflict(
            "provider_not_onboarded", "The provider has no wallet at Chek yet.", who_must_act="operator"
        )
    if settings["chek_user_id"] == payer:
        raise StateConflict("payer_is_payee", "Family and provider have the same wallet: nobody pays himself.")
    if settings["method"] is None:
        raise StateConflict("method_missing", "The provider has not chosen how to be paid.", who_must_act="payee")
    return str(settings["method"])


def _in_payment() -> StateConflict:
    return StateConflict("item_in_payment", "Some of these are in another payment.")
