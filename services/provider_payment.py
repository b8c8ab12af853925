"""Paying a provider for a set of care days or a lump sum (seed 004, sections 2 and 3)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from db.flows.base import FlowSteps
from db.queries import allocation as allocations
from db.queries import attendance, care_day, family, lump_sum, program, provider
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.attendance import require_entered
from domain.childcare_limits import require_payable
from domain.childcare_party import Party, require_own
from domain.errors import InvalidInput, NotFound, StateConflict
from domain.ids import new_id


async def pay_care_days(
    uow: UnitOfWork,
    flows: Mapping[str, FlowSteps],
    care_day_ids: Sequence[UUID],
    description: str,
    *,
    party: Party | None = None,
) -> tuple[RowMapping, bool]:
    """Pay these days, all of one child, month and provider. Days already in one payment together are that payment."""
    wanted = set(care_day_ids)
    days = await care_day.of_ids(uow, list(wanted))
    if len(days) != len(wanted):
        raise NotFound("care day", field="care_day_ids")
    if len({(day["allocation_id"], day["provider_id"]) for day in days}) > 1:
        raise InvalidInput("care_day_ids", "The days must be of one allocation and one provider.", code="mixed_items")
    # everybody who pays out of this month meets here; what the days are in is read again behind the lock
    allocation = await allocations.get(uow, days[0]["allocation_id"], lock=True)
    require_own(party, {"family_id": allocation["family_id"]}, "care day")
    days = await care_day.of_ids(uow, list(wanted))
    return await _pay(uow, flows, allocation, days, "care_day_id", description)


async def pay_lump_sum(
    uow: UnitOfWork,
    flows: Mapping[str, FlowSteps],
    lump_sum_id: UUID,
    description: str,
    *,
    party: Party | None = None,
) -> tuple[RowMapping, bool]:
    """Pay a lump sum. One that is in a payment already is that payment."""
    selected = await lump_sum.get(uow, lump_sum_id)
    allocation = await allocations.get(uow, selected["allocation_id"], lock=True)
    require_own(party, {"family_id": allocation["family_id"]}, "lump sum")
    return await _pay(uow, flows, allocation, [await lump_sum.get(uow, lump_sum_id)], "lump_sum_id", description)


async def _pay(
    uow: UnitOfWork,
    flows: Mapping[str, FlowSteps],
    allocation: RowMapping,
    items: Sequence[RowMapping],
    kind: str,
    description: str,
) -> tuple[RowMapping, bool]:
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
        async with uow.connection.begin_nested():
            row = await queries.add(
                uow, [{kind: item["id"], "amount_cents": item["amount_cents"]} for item in items], **values
            )
    except IntegrityError:
        raise _in_payment() from None
    told = {"amount": amount, "currency": allocation["currency"], "method": row["method"]}
    await uow.audit("provider_payment.submitted", queries.FLOW, row["id"], told)
    await uow.tell("provider_payment.submitted", queries.FLOW, row["id"], told)
    await uow.start_workflow(flows[queries.FLOW].run(row))
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
