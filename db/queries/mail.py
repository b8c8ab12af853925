"""Mail that is to be sent, written in the transaction that is its cause."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.queries.row import get_row, newest_of, page_of
from db.tables.mail import mail
from db.unit_of_work import UnitOfWork
from domain.errors import NotFound
from domain.ids import new_id

STATES = ("pending", "sent")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `values` is what its template shows; recipient and values are secrets."""

    id: UUID
    template: str
    subject_kind: str
    subject_id: str
    sent: bool
    recipient: str = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)


def _context(mail_id: UUID) -> str:
    return f"mail/{mail_id}/content"


async def write(
    uow: UnitOfWork,
    template: str,
    key: str,
    subject_kind: str,
    subject_id: UUID,
    *,
    recipient: str,
    values: Mapping[str, Any],
) -> UUID | None:
    """Have a mail sent after commit; the same key again is the same mail. Returns the id of a new one."""
    mail_id = new_id()
    content = json.dumps({"recipient": recipient, "values": dict(values)}).encode()
    written = await uow.connection.execute(
        insert(mail)
        .values(
            id=mail_id,
            organization_id=uow.organization_id,
            template=template,
            key=key,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            content=uow.envelope.seal(content, _context(mail_id)),
        )
        .on_conflict_do_nothing(index_elements=["organization_id", "key"])
        .returning(mail.c.id)
    )
    if written.first() is None:
        return None
    await uow.audit("mail.written", subject_kind, subject_id, {"mail_id": str(mail_id), "template": template})
    return mail_id


async def pending(uow: UnitOfWork, subject_kind: str, subject_id: UUID) -> list[UUID]:
    """The mails about a subject that are not sent yet, oldest first."""
    rows = await uow.all(
        select(mail.c.id)
        .where(mail.c.subject_kind == subject_kind, mail.c.subject_id == str(subject_id), mail.c.state == "pending")
        .order_by(mail.c.id)
    )
    return [row["id"] for row in rows]


async def pending_of(uow: UnitOfWork, subject_kind: str, *, limit: int = 100) -> list[RowMapping]:
    """The mails about any subject of a kind that are not sent yet. Needs a unit of work across organizations."""
    return await uow.all(
        select(mail.c.id, mail.c.organization_id)
        .where(mail.c.subject_kind == subject_kind, mail.c.state == "pending")
        .order_by(mail.c.id)
        .limit(limit)
    )


async def get(uow: UnitOfWork, mail_id: UUID, *, lock: bool = False) -> RowMapping:
    """One mail's row, its content sealed."""
    return await get_row(uow, mail, "mail", mail_id, lock=lock)


async def list_mails(uow: UnitOfWork, *, after: UUID | None, limit: int, state: str | None) -> list[RowMapping]:
    """Mails, newest first; those of both states lie in one index, each state's in their order."""
    states = STATES if state is None else (state,)
    pages = [page_of(select(mail), mail, after=after, limit=limit, filters={"state": each}) for each in states]
    return await uow.all(newest_of(pages, limit))


async def read(uow: UnitOfWork, mail_id: UUID) -> Letter:
    """One mail, opened. Raises NotFound."""
    row = await uow.one_or_none(select(mail).where(mail.c.id == mail_id))
    if row is None:
        raise NotFound("mail")
    content = json.loads(uow.envelope.open(row["content"], _context(mail_id)))
    return Letter(
        id=mail_id,
        template=row["template"],
        subject_kind=row["subject_kind"],
        subject_id=row["subject_id"],
        sent=row["state"] == "sent",
        recipient=content["recipient"],
        values=content["values"],
    )


async def sent(uow: UnitOfWork, letter: Letter) -> None:
    """The mail server took it. When it was first sent stays as it is."""
    values: dict[str, Any] = {"attempts": mail.c.attempts + 1, "last_error": None}
    if not letter.sent:
        values |= {"state": "sent", "sent_at": func.coalesce(mail.c.sent_at, func.clock_timestamp())}
    await uow.connection.execute(update(mail).where(mail.c.id == letter.id).values(**values))
    await uow.audit("mail.sent", letter.subject_kind, letter.subject_id, {"mail_id": str(letter.id)})
    await uow.tell("mail.sent", letter.subject_kind, letter.subject_id, {"template": letter.template})


async def not_sent(uow: UnitOfWork, mail_id: UUID, error: str) -> None:
    """The mail server did not take it; it is tried again."""
    await uow.connection.execute(
        update(mail).where(mail.c.id == mail_id).values(attempts=mail.c.attempts + 1, last_error=error[:100])
    )
