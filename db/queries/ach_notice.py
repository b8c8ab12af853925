"""Notices to customers: written with their mail in one transaction, marked once the mail was taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert

from db.flows.base import FlowRow
from db.queries import mail as mails
from db.queries.ach_authorization import FLOW, email_context
from db.queries.row import list_rows
from db.tables.ach_notice import ach_notice
from db.tables.mail import mail
from db.unit_of_work import UnitOfWork
from domain.ids import new_id


@dataclass(frozen=True, slots=True)
class NewNotice:
    """What a notice is about. `cause` is what it is the only notice of; dates are New York's, amounts minor units."""

    kind: str
    cause: str
    due_on: date
    period_on: date | None = None
    amount: int | None = None
    transaction_id: UUID | None = None


async def write(uow: UnitOfWork, authorization: FlowRow, new: NewNotice, values: Mapping[str, Any] | None) -> bool:
    """Write a notice and its mail, which shows `values`; None for one that comes too late to be sent.

    False when this notice stands already: whoever writes it again changes nothing.
    """
    notice_id = new_id()
    written = await uow.connection.execute(
        insert(ach_notice)
        .values(
            id=notice_id,
            organization_id=uow.organization_id,
            kind=new.kind,
            cause=new.cause,
            merchant_id=authorization["merchant_id"],
            customer_id=authorization["customer_id"],
            authorization_id=authorization["id"],
            transaction_id=new.transaction_id,
            period_on=new.period_on,
            amount=new.amount,
            due_on=new.due_on,
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "kind", "cause"])
        .returning(ach_notice.c.id)
    )
    if written.first() is None:
        return False
    if values is None:
        await _say(uow, authorization["id"], "notice_too_late", new)
        return True
    key = f"ach-notice/{notice_id}"
    recipient = uow.envelope.open(authorization["customer_email"], context=email_context(authorization["id"])).decode()
    await mails.write(uow, f"ach_{new.kind}", key, FLOW, authorization["id"], recipient=recipient, values=values)
    await uow.connection.execute(
        update(ach_notice)
        .where(ach_notice.c.id == notice_id)
        .values(mail_id=select(mail.c.id).where(mail.c.key == key).scalar_subquery())
    )
    await _say(uow, authorization["id"], "notice_written", new)
    return True


async def mark_sent(uow: UnitOfWork, authorization_id: UUID) -> None:
    """Mark the notices whose mail the mail server took meanwhile."""
    now = await uow.business_now()
    marked = await uow.connection.execute(
        update(ach_notice)
        .where(
            ach_notice.c.authorization_id == authorization_id,
            ach_notice.c.sent_at.is_(None),
            ach_notice.c.mail_id.in_(
                select(mail.c.id).where(
                    mail.c.subject_kind == FLOW, mail.c.subject_id == str(authorization_id), mail.c.state == "sent"
                )
            ),
        )
        .values(sent_at=now)
        .returning(ach_notice.c.kind, ach_notice.c.cause)
    )
    for row in marked.mappings().all():
        await uow.audit("ach_authorization.notice_sent", FLOW, authorization_id, dict(row))
        await uow.tell("ach_authorization.notice_sent", FLOW, authorization_id, dict(row))


async def get(uow: UnitOfWork, kind: str, cause: str) -> RowMapping | None:
    """The only notice of a cause."""
    return await uow.one_or_none(select(ach_notice).where(ach_notice.c.kind == kind, ach_notice.c.cause == cause))


async def change_of_amount(uow: UnitOfWork, authorization_id: UUID, amount: int, charge_on: date) -> RowMapping | None:
    """The notice by which a charge of this date has this amount (minor units), if it was changed."""
    return await uow.one_or_none(
        select(ach_notice)
        .where(
            ach_notice.c.authorization_id == authorization_id,
            ach_notice.c.kind == "amount_changed",
            ach_notice.c.amount == amount,
            ach_notice.c.period_on <= charge_on,
        )
        .order_by(ach_notice.c.period_on.desc(), ach_notice.c.id.desc())
        .limit(1)
    )


async def change_of_date(uow: UnitOfWork, authorization_id: UUID, period_on: date) -> RowMapping | None:
    """The newest notice of a changed date that a period of this date comes under."""
    return await uow.one_or_none(
        select(ach_notice)
        .where(
            ach_notice.c.authorization_id == authorization_id,
            ach_notice.c.kind == "date_changed",
            ach_notice.c.period_on <= period_on,
        )
        .order_by(ach_notice.c.id.desc())
        .limit(1)
    )


async def page(uow: UnitOfWork, *, after: UUID | None, limit: int, filters: Mapping[str, Any]) -> list[RowMapping]:
    """Notices, newest first."""
    return await list_rows(uow, ach_notice, after=after, limit=limit, filters=filters)


async def _say(uow: UnitOfWork, authorization_id: UUID, what: str, new: NewNotice) -> None:
    said = {"kind": new.kind, "due_on": new.due_on, "period_on": new.period_on, "amount": new.amount}
    said = {name: value for name, value in said.items() if value is not None}
    await uow.audit(f"ach_authorization.{what}", FLOW, authorization_id, said)
    await uow.tell(f"ach_authorization.{what}", FLOW, authorization_id, said)
