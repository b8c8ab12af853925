"""Mail as workflows ask for it: by id, never by content."""

from uuid import UUID

from pydantic import BaseModel

SEND = "mail.send"


class SendMail(BaseModel):
    """Send one written mail, if it is not sent yet."""

    organization_id: UUID
    mail_id: UUID
