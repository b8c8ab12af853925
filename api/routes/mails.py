"""/v1/mails: what was written to people, and sending it once more."""

from uuid import UUID

from api.auth import Asker, needs
from api.idempotency import Answer, Once
from api.pagination import Page, Pages
from api.router import router
from api.schemas.flow import CommandRequest
from api.schemas.mail import MailState, MailView, mail_view
from api.unit_of_work import Work
from db.queries import mail as queries
from db.unit_of_work import UnitOfWork
from domain.ids import parse_public_id
from services import mail as service

routes = router("mails")


@routes.get("", dependencies=[needs("mails:read")])
async def list_all(uow: Work, pages: Pages, state: MailState | None = None) -> Page[MailView]:
    """Mails, newest first."""
    rows = await queries.list_mails(uow, after=pages.after, limit=pages.fetch, state=state)
    return pages.page(rows, mail_view, lambda row: row["id"])


@routes.get("/{mail_id}", dependencies=[needs("mails:read")])
async def get(mail_id: str, uow: Work) -> MailView:
    """One mail."""
    return mail_view(await queries.get(uow, _id(mail_id)))


@routes.post("/{mail_id}/resend", status_code=202, response_model=MailView)
async def resend(mail_id: str, body: CommandRequest, once: Once, asker: Asker) -> object:
    """Send it once more, to the address that it was written to."""

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(202, mail_view(await service.resend(uow, asker, _id(mail_id), body.reason)))

    return await once.answer(deed)


def _id(text: str) -> UUID:
    return parse_public_id("mail", text, field="mail_id")
