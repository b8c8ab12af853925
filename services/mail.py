"""Sending a mail once more: one that no mail server took within a day, or that was lost on the other side."""

from uuid import UUID

from sqlalchemy import RowMapping

from db.flows.mail_run import mail_run
from db.queries import mail as queries
from db.unit_of_work import UnitOfWork
from domain.principal import Principal


async def resend(uow: UnitOfWork, asker: Principal, mail_id: UUID, reason: str) -> RowMapping:
    """Have it sent again; nothing else is done again. Each count of tries has one such run, however often it is asked.

    When a mail was first sent stays as it is: other rules count from then.
    """
    asker.require("operations:write")
    row = await queries.get(uow, mail_id, lock=True)
    await uow.audit("mail.resend_asked", row["subject_kind"], row["subject_id"], {"mail_id": mail_id, "reason": reason})
    await uow.start_workflow(mail_run(uow.organization_id, mail_id, row["template"], after_tries=row["attempts"]))
    return row
