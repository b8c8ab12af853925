"""Mail about childcare payments: written with the fact, sent after it, and never able to change it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from db.flows.base import FlowRow
from db.flows.mail_run import mail_run
from db.queries import care_day, contact, family, lump_sum
from db.queries import mail as mails
from db.queries import provider_payment as queries
from db.unit_of_work import UnitOfWork
from domain.ids import public_id
from domain.money import Money

log = structlog.get_logger()


async def tell_paid(uow: UnitOfWork, row: FlowRow, payment_id: UUID) -> None:
    """Tell the provider, in its language, what was paid and for what."""

    async def write() -> None:
        values = await _values(uow, row) | await _items(uow, row)
        await write_to(uow, row, "paid", "provider", row["provider_id"], payment_id, values)

    await beside(uow, row, write)


async def tell_returned(uow: UnitOfWork, row: FlowRow, payment_id: UUID, code: str | None, staff: str) -> None:
    """Tell provider, family and staff that the bank sent a payment back. `staff` is an address, or nothing."""

    async def write() -> None:
        values = await _values(uow, row) | {"code": code or "", "must_act": row["must_act"]}
        await write_to(uow, row, "returned", "provider", row["provider_id"], payment_id, values)
        await write_to(uow, row, "unpaid", "family", row["family_id"], payment_id, values)
        if staff:
            key = f"childcare_returned_staff/{payment_id}"
            await send(uow, "childcare_returned_staff", key, queries.FLOW, row["id"], recipient=staff, values=values)

    await beside(uow, row, write)


async def send(
    uow: UnitOfWork,
    template: str,
    key: str,
    subject_kind: str,
    subject_id: UUID,
    *,
    recipient: str,
    values: Mapping[str, Any],
) -> bool:
    """Write one mail and have it sent by a workflow of its own; False where it was written before."""
    mail_id = await mails.write(uow, template, key, subject_kind, subject_id, recipient=recipient, values=values)
    if mail_id is None:
        return False
    await uow.start_workflow(mail_run(uow.organization_id, mail_id, template))
    return True


async def beside(uow: UnitOfWork, row: FlowRow, write: Any, flow: str = queries.FLOW) -> bool:
    """What is wrong with a mail is noted, and undone alone; False then."""
    try:
        async with uow.savepoint():
            await write()
    except Exception as error:  # noqa: BLE001 - whatever it is, the payment stands
        log.warning("mail_not_written", payment_id=str(row["id"]), error=type(error).__name__)
        await uow.audit("mail.not_written", flow, row["id"], {"error": type(error).__name__})
        return False
    return True


async def write_to(
    uow: UnitOfWork,
    row: FlowRow,
    what: str,
    kind: str,
    person_id: UUID,
    fact: object,
    values: Mapping[str, Any],
    flow: str = queries.FLOW,
) -> bool:
    """Write to a family or a provider in its language, once for each `fact`; False where it has no address."""
    person = await contact.of(uow, kind, person_id)
    if person is None:
        await uow.audit("mail.no_address", flow, row["id"], {"mail": what, "to": kind})
        return False
    template = f"childcare_{what}_{person.language}"
    named = {**values, "name": person.name}
    await send(uow, template, f"childcare_{what}/{fact}", flow, row["id"], recipient=person.email, values=named)
    return True


async def _values(uow: UnitOfWork, row: FlowRow) -> dict[str, Any]:
    child = await family.get_child(uow, row["child_id"])
    payee = await queries.provider_name(uow, row["provider_id"])
    return {
        "payment_id": public_id("ppay", row["id"]),
        "amount": dollars(row["amount_cents"], row["currency"]),
        "child": child["name"],
        "provider": payee,
        "method": row["method"],
    }


async def _items(uow: UnitOfWork, row: FlowRow) -> dict[str, Any]:
    """The days with what each cost, or how many a lump sum is for."""
    days, full_days, half_days = [], 0, 0
    for item in await queries.items(uow, row["id"]):
        if item["care_day_id"] is not None:
            day = await care_day.get(uow, item["care_day_id"])
            cost = dollars(item["amount_cents"], row["currency"])
            days.append({"date": day["date"].isoformat(), "kind": day["kind"], "amount": cost})
        else:
            lump = await lump_sum.get(uow, item["lump_sum_id"])
            full_days, half_days = lump["days"] or 0, lump["half_days"] or 0
    return {"days": sorted(days, key=lambda day: day["date"]), "full_days": full_days, "half_days": half_days}


def dollars(cents: int, currency: str) -> str:
    """An amount as readers know it."""
    text = Money(cents, currency).decimal_text()
    return f"${text}" if currency == "USD" else f"{text} {currency}"
